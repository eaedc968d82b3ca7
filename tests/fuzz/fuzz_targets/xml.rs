//! Bytes as XML: pulled element by element to the end or to an error that says where, never a panic, and by every way alike.

#![no_main]

use aws_core::codec::xml::{Scanner, Start};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let Ok(mut scanner) = Scanner::new(body) else { return };
    let Ok(Some(root)) = scanner.root() else { return };
    let mut skipped = scanner.clone();
    let passed = skipped.skip(&root).is_ok();
    let walked = walk(&mut scanner, &root, 0).is_some();
    assert_eq!(passed, walked);
    if passed {
        assert_eq!(scanner.position(), skipped.position());
        let _ = scanner.end();
    }
});

fn walk<'a>(scanner: &mut Scanner<'a>, start: &Start<'a>, depth: usize) -> Option<()> {
    let _ = start.attribute("a");
    let mut leaf = scanner.clone();
    if let Some(text) = leaf.only_text(start).ok()? {
        assert_eq!(scanner.text(start).ok()?, text);
        assert_eq!(scanner.position(), leaf.position());
        return Some(());
    }
    if depth == 100 {
        return scanner.skip(start).ok();
    }
    while let Some(child) = scanner.child(start).ok()? {
        walk(scanner, &child, depth + 1)?;
    }
    Some(())
}
