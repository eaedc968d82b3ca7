//! Polly: voices, lexicons for unusual pronunciations, and speech.

use aws_polly::Client;
use aws_polly::error::LexiconNotFoundException;

use crate::{on_every_server, unique_name};

const LEXICON: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><lexicon version=\"1.0\" \
    xmlns=\"http://www.w3.org/2005/01/pronunciation-lexicon\" alphabet=\"ipa\" xml:lang=\"en-US\">\
    <lexeme><grapheme>W3C</grapheme><alias>World Wide Web Consortium</alias></lexeme></lexicon>";

#[tokio::test]
async fn a_lexicon_is_stored_and_speech_is_synthesized() {
    on_every_server(async |session| {
        let polly = Client::new(&session);
        let voices = polly.describe_voices().language_code("en-GB").send().await?.voices;
        assert!(voices.iter().all(|voice| voice.language_code.as_ref().is_some_and(|it| it.as_str() == "en-GB")));
        assert!(!voices.is_empty());
        let name: String = unique_name().chars().filter(char::is_ascii_alphanumeric).rev().take(20).collect();
        polly.put_lexicon(&name, LEXICON).send().await?;
        assert!(polly.list_lexicons().send().await?.lexicons.iter().any(|it| it.name.as_ref() == Some(&name)));
        let lexicon = polly.get_lexicon(&name).send().await?.lexicon.expect("a lexicon");
        assert_eq!(lexicon.content.as_deref(), Some(LEXICON));
        let speech = polly.synthesize_speech("hello").output_format("mp3").voice_id("Joanna").send().await?;
        assert!(!speech.audio_stream.collect().await?.into_bytes().is_empty());
        polly.delete_lexicon(&name).send().await?;
        let gone = polly.get_lexicon(&name).send().await.expect_err("no such lexicon");
        assert!(gone.is::<LexiconNotFoundException>(), "{gone}");
        Ok(())
    })
    .await;
}
