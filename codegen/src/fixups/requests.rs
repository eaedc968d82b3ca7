//! Services with a few operations whose requests differ from their models.

use super::{Fixup, add, add_to_all, max_elements, names};
use crate::model::{Customization, Models, Shape};

pub(super) const APIGATEWAY: &[Fixup] = &[Fixup {
    name: "apigateway-accept",
    reason: "without this header API Gateway returns another JSON format, with links; botocore sends it \
             (`add_accept_header`)",
    apply: |models| {
        add_to_all(models, &Customization::Header { name: "accept".into(), value: "application/json".into() })
    },
}];

pub(super) const CLOUDSEARCHDOMAIN: &[Fixup] = &[
    Fixup {
        name: "cloudsearchdomain-form",
        reason: "a search may exceed the length limit of URLs; botocore sends it as a form (`change_get_to_post`)",
        apply: |models| add(models, "Search", Customization::Form),
    },
    Fixup {
        name: "cloudsearchdomain-return-fields",
        reason: "`return` is a keyword; boto3 documents it as `returnFields` (`ParameterAlias`)",
        apply: |models| names::rename(models, "Search", "return", "returnFields"),
    },
];

pub(super) const MACHINELEARNING: &[Fixup] = &[Fixup {
    name: "machinelearning-predict-endpoint",
    reason: "predictions are served by the endpoint in PredictEndpoint; botocore sends them there \
             (`switch_host_machinelearning`)",
    apply: |models| add(models, "Predict", Customization::Endpoint("PredictEndpoint".into())),
}];

pub(super) const POLLY: &[Fixup] = &[Fixup {
    name: "polly-presigned-speech",
    reason: "a presigned SynthesizeSpeech is a GET with all parameters in the query string, for media players; \
             botocore moves the body there too and drops the content type \
             (`remove_content_type_header_for_presigning`)",
    apply: |models| add(models, "SynthesizeSpeech", Customization::PresignedQuery),
}];

pub(super) const IMPORTEXPORT: &[Fixup] = &[Fixup {
    name: "importexport-sigv4",
    reason: "the model names the older of the two signature versions that the service accepts; botocore prefers the \
             newer, which its `endpoints.json` names too",
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

pub(super) const SQS: &[Fixup] = &[
    Fixup { name: "sqs-long-poll", reason: LONG_POLL, apply: |models| long_poll(models, &["ReceiveMessage"]) },
    Fixup {
        name: "sqs-batch-limit",
        reason: "a request may delete ten messages (API reference of DeleteMessageBatch: \"the maximum number of \
                 messages in a batch is 10\"), which the model does not say",
        apply: |models| max_elements(models, "DeleteMessageBatchRequestEntryList", 10),
    },
];

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

const LONG_POLL: &str = "these operations wait on the server until something happens, and callers send the next \
                         request at once; if the client's retry quota is exhausted, they pause before they fail \
                         (`_LONG_POLLING_OPERATIONS` in botocore's `standard.py`)";

fn long_poll(models: &mut Models, operations: &[&str]) -> bool {
    operations.iter().all(|operation| add(models, operation, Customization::LongPoll))
}

pub(super) const STS: &[Fixup] = &[
    Fixup {
        name: "sts-idp-communication",
        reason: "STS asks callers to retry if it could not reach the identity provider, but the model does not mark the \
                 error as retryable; botocore retries it (`RetryIDPCommunicationError`)",
        apply: idp_communication,
    },
    Fixup {
        name: "sts-invalid-identity-token",
        reason: "a token that EKS has just issued may not be valid yet, but the model does not mark the error as \
                 retryable; the SDKs for PHP and Ruby retry it (`AssumeRoleWithWebIdentityCredentialProvider`, \
                 `AssumeRoleWebIdentityCredentials`)",
        apply: invalid_identity_token,
    },
];

fn idp_communication(models: &mut Models) -> bool {
    make_retryable(models, "IDPCommunicationErrorException")
}

fn invalid_identity_token(models: &mut Models) -> bool {
    make_retryable(models, "InvalidIdentityTokenException")
}

fn make_retryable(models: &mut Models, exception: &str) -> bool {
    let error = models.service.shapes.get_mut(exception).and_then(Shape::structure_mut);
    error.is_some_and(|it| it.retryable.replace(false).is_none())
}
