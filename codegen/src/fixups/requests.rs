//! Single operations whose requests are not as their models say, each of another service.

use super::{Fixup, add, add_to_all, names};
use crate::model::{Models, Shape, Special};

pub(super) const APIGATEWAY: &[Fixup] = &[Fixup {
    name: "apigateway-accept",
    reason: "without this header API Gateway answers in another form of JSON, with links; botocore sends it \
             (`add_accept_header`)",
    apply: |models| add_to_all(models, &Special::Header { name: "accept".into(), value: "application/json".into() }),
}];

pub(super) const CLOUDSEARCHDOMAIN: &[Fixup] = &[
    Fixup {
        name: "cloudsearchdomain-form",
        reason: "a search may be longer than a URL may be; botocore sends it as a form (`change_get_to_post`)",
        apply: |models| add(models, "Search", Special::Form),
    },
    Fixup {
        name: "cloudsearchdomain-return-fields",
        reason: "`return` is a keyword; boto3 documents it as `returnFields` (`ParameterAlias`)",
        apply: |models| names::rename(models, "Search", "return", "returnFields"),
    },
];

pub(super) const MACHINELEARNING: &[Fixup] = &[Fixup {
    name: "machinelearning-predict-endpoint",
    reason: "a prediction is asked of the endpoint that PredictEndpoint names; botocore goes there \
             (`switch_host_machinelearning`)",
    apply: |models| add(models, "Predict", Special::Endpoint("PredictEndpoint".into())),
}];

pub(super) const POLLY: &[Fixup] = &[Fixup {
    name: "polly-presigned-speech",
    reason: "a presigned SynthesizeSpeech is a GET with everything in its query string, for players to open; botocore too \
             moves the body there and drops its content type (`remove_content_type_header_for_presigning`)",
    apply: |models| add(models, "SynthesizeSpeech", Special::PresignedQuery),
}];

pub(super) const IMPORTEXPORT: &[Fixup] = &[Fixup {
    name: "importexport-sigv4",
    reason: "the model names the older of the two signatures that the service takes; botocore prefers the newer, which its \
             `endpoints.json` names too",
    apply: |models| {
        let version = &mut models.service.metadata.signature_version;
        std::mem::replace(version, "v4".to_owned()) == "v2"
    },
}];

pub(super) const KINESIS: &[Fixup] = &[Fixup {
    name: "kinesis-long-poll",
    reason: LONG_POLL,
    apply: |models| long_poll(models, &["ReceiveDeadLetterQueueRecords", "ReceiveQueueRecords"]),
}];

pub(super) const SQS: &[Fixup] =
    &[Fixup { name: "sqs-long-poll", reason: LONG_POLL, apply: |models| long_poll(models, &["ReceiveMessage"]) }];

pub(super) const STEPFUNCTIONS: &[Fixup] = &[Fixup {
    name: "stepfunctions-long-poll",
    reason: LONG_POLL,
    apply: |models| long_poll(models, &["GetActivityTask"]),
}];

pub(super) const SWF: &[Fixup] = &[Fixup {
    name: "swf-long-poll",
    reason: LONG_POLL,
    apply: |models| long_poll(models, &["PollForActivityTask", "PollForDecisionTask"]),
}];

const LONG_POLL: &str = "these calls wait for something to happen, and whoever makes them asks again at once: when the client has \
                         spent its retries they pause before they fail (`_LONG_POLLING_OPERATIONS` in botocore's `standard.py`)";

fn long_poll(models: &mut Models, operations: &[&str]) -> bool {
    operations.iter().all(|it| add(models, it, Special::LongPoll))
}

pub(super) const STS: &[Fixup] = &[Fixup {
    name: "sts-idp-communication",
    reason: "STS asks to try again when the identity provider could not be reached, but the model does not say so; \
             botocore retries it (`RetryIDPCommunicationError`)",
    apply: idp_communication,
}];

fn idp_communication(models: &mut Models) -> bool {
    let error = models.service.shapes.get_mut("IDPCommunicationErrorException").and_then(Shape::structure_mut);
    error.is_some_and(|it| it.retryable.replace(false).is_none())
}
