"""Prints botocore.json: signed requests and presigned URLs as botocore makes them, at a fixed time and with fixed keys.

pip install botocore==VERSION && python make.py > botocore.json

botocore adds the two headers about retries after it has signed, and this SDK before: so they are set here before. botocore
writes blanks into JSON, which are removed here. A presigned call of a query service is a GET.
"""

import datetime
import json
from unittest import mock

import botocore
import botocore.auth
import botocore.session
from botocore.config import Config

NOW = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
INVOCATION = "00000000-0000-4001-8000-000000000000"

JSON_SERVICES = ("dynamodb", "sqs")

KEYS = [
    "plain.txt",
    "a key with spaces",
    "dots/./and/../dots",
    "/leading//and/trailing/",
    "ünïcode/ключ/鍵",
    "plus+plus",
    "tilde~!*'()",
    "percent%20%2F",
    "colon:at@comma,semicolon;equals=and&",
    "quote\"<>[]{}|\\^`",
    "question?mark#hash",
]

# Service, operation, parameters, and the seconds for which the request is presigned; None: it is sent.
CASES = []
for key in KEYS:
    CASES.append(("s3", "GetObject", {"Bucket": "examplebucket", "Key": key}, 900))
    CASES.append(("s3", "PutObject", {"Bucket": "examplebucket", "Key": key}, 60))
    CASES.append(("s3", "GetObject", {"Bucket": "examplebucket", "Key": key}, None))
    CASES.append(("s3", "PutObject", {"Bucket": "examplebucket", "Key": key, "Body": "the content"}, None))
CASES += [
    ("s3", "GetObject", {"Bucket": "examplebucket", "Key": "k", "VersionId": "a+b/c=", "ResponseContentType": "a b;c"}, 900),
    ("s3", "GetObject", {"Bucket": "examplebucket", "Key": "k", "Range": "bytes=0-9"}, 900),
    ("s3", "PutObject", {"Bucket": "examplebucket", "Key": "k", "ContentType": "text/plain", "Metadata": {"b": "2", "a": "1  1"}}, 900),
    ("s3", "UploadPart", {"Bucket": "examplebucket", "Key": "k", "PartNumber": 2, "UploadId": "u/+="}, 604800),
    ("s3", "HeadObject", {"Bucket": "examplebucket", "Key": "k"}, 1),
    ("s3", "DeleteObject", {"Bucket": "examplebucket", "Key": "k"}, 900),
    ("s3", "PutObject", {"Bucket": "examplebucket", "Key": "k", "Body": "x", "Metadata": {"b": "2", "a": "1  1"}}, None),
    ("s3", "PutObject", {"Bucket": "examplebucket", "Key": "k", "Body": ""}, None),
    ("s3", "GetBucketAcl", {"Bucket": "examplebucket"}, None),
    ("s3", "ListObjectVersions", {"Bucket": "examplebucket", "Prefix": "", "Delimiter": "/", "KeyMarker": "a b+c", "EncodingType": "url"}, None),
    ("s3", "ListBuckets", {}, None),
    ("s3", "DeleteObject", {"Bucket": "examplebucket", "Key": "k", "VersionId": ""}, None),
    ("sqs", "SendMessage", {"QueueUrl": "https://sqs.us-west-2.amazonaws.com/123456789012/q", "MessageBody": "ünï &+"}, None),
    ("sqs", "ListQueues", {}, None),
    ("dynamodb", "GetItem", {"TableName": "t", "Key": {"k": {"S": "a b"}}}, None),
    ("dynamodb", "ListTables", {}, None),
    ("sts", "GetCallerIdentity", {}, None),
    ("sts", "GetCallerIdentity", {}, 60),
    ("sts", "AssumeRole", {"RoleArn": "arn:aws:iam::123456789012:role/a", "RoleSessionName": "me+you"}, None),
    ("sts", "AssumeRole", {"RoleArn": "arn:aws:iam::123456789012:role/a b", "RoleSessionName": "me+you"}, 900),
    ("lambda", "ListTags", {"Resource": "arn:aws:lambda:us-west-2:123456789012:function:a b+c"}, None),
    ("lambda", "GetFunction", {"FunctionName": "arn:aws:lambda:us-west-2:123456789012:function:f:1"}, None),
    ("ec2", "DescribeInstances", {"InstanceIds": ["i-1", "i-2"]}, None),
    ("route53", "GetHostedZone", {"Id": "Z1"}, None),
    ("glacier", "ListVaults", {"accountId": "-"}, None),
]


class Sent(Exception):
    """Ends a call when its request is complete."""


def run(service, operation, parameters, expires):
    config = Config(
        signature_version="s3v4" if service == "s3" else None,
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        account_id_endpoint_mode="disabled",
        s3={"addressing_style": "virtual"},
        retries={"mode": "standard", "max_attempts": 2},
    )
    session = botocore.session.Session()
    session.set_credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "the-session-token")
    client = session.create_client(service, region_name="us-west-2", config=config)
    method = botocore.xform_name(operation)
    case = {"service": service, "operation": operation, "input": parameters, "expires": expires}
    if expires is not None:
        http_method = "GET" if service == "sts" else None
        case["url"] = client.generate_presigned_url(method, parameters, expires, http_method)
        return case
    sent = []

    def before_sign(request, **_):
        request.headers["amz-sdk-invocation-id"] = INVOCATION
        request.headers["amz-sdk-request"] = "attempt=1; max=%d" % (4 if service == "dynamodb" else 3)
        if request.data and service in JSON_SERVICES:
            data = json.dumps(json.loads(request.data), separators=(",", ":"), ensure_ascii=False)
            request.data = data.encode()

    def before_send(request, **_):
        sent.append(request)
        raise Sent

    client.meta.events.register("before-sign", before_sign)
    client.meta.events.register("before-send", before_send)
    try:
        getattr(client, method)(**parameters)
    except Sent:
        pass
    (request,) = sent
    text = lambda it: it.decode() if isinstance(it, bytes) else it
    case["method"], case["url"] = request.method, request.url
    case["authorization"] = text(request.headers["Authorization"])
    return case


with mock.patch.object(botocore.auth, "get_current_datetime", lambda *_, **__: NOW):
    cases = [run(*it) for it in CASES]
# One case a line.
lines = ",\n".join("  " + json.dumps(it, ensure_ascii=False) for it in cases)
print('{"botocore": "%s", "cases": [\n%s\n]}' % (botocore.__version__, lines))
