//! Bytes as XML: read element by element to the end or to an error with its position, never a panic; reading and
//! skipping agree.

#![no_main]

use aws_core::internals::codec::xml::{self, Scanner, Start};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let text = xml::text(body);
    let mut scanner = Scanner::new(&text);
    let Ok(Some(root)) = scanner.root() else { return };
    let mut skipping = scanner.clone();
    let skipped = skipping.skip(&root).is_ok();
    let read = read(&mut scanner, &root, 0).is_some();
    assert_eq!(skipped, read);
    if skipped {
        assert_eq!(scanner.position(), skipping.position());
        let _ = scanner.end();
    }
});

fn read<'a>(scanner: &mut Scanner<'a>, start: &Start<'a>, depth: usize) -> Option<()> {
    let _ = start.attribute("a");
    let mut leaf = scanner.clone();
    if let Some(text) = leaf.leaf_text(start).ok()? {
        assert_eq!(scanner.text(start).ok()?, text);
        assert_eq!(scanner.position(), leaf.position());
        return Some(());
    }
    if depth == 100 {
        return scanner.skip(start).ok();
    }
    while let Some(child) = scanner.child(start).ok()? {
        read(scanner, &child, depth + 1)?;
    }
    Some(())
}
