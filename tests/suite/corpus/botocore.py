"""Compares requests, responses and errors of the runtime with those of botocore, whose own serializers and parsers read the models.

Reads JSON files named on the command line, one a service, as `botocore.rs` writes them; prints what differs as
`service operation case: difference`, one a line, and at last how much was compared.
"""

import base64
import datetime
import io
import json
import math
import sys
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit
from xml.etree import ElementTree

from botocore import parsers, serialize
from botocore.awsrequest import HeadersDict, prepare_request_dict
from botocore.handlers import remove_bucket_from_url_paths_from_model
from botocore.model import ServiceModel
from botocore.parsers import RpcV2CBORParser


class Difference(Exception):
    """What two values do not have in common."""


# Content types that the specifications of the protocols ask for, and botocore does not send.
UNSENT_TYPES = ("application/octet-stream", "application/xml", "text/plain")
# Members that botocore's handlers rename, and those whose bytes they encode as base64.
ALIASES = {"Filters": "Filter", "fromTime": "from", "returnFields": "return"}
ENCODED = ("CopySourceSSECustomerKey", "SSECustomerKey")


def member(shape, name, value):
    """A member of a structure as botocore takes it."""
    if name not in shape.members:
        name = ALIASES[name]
    if name in ENCODED:
        value = base64.b64encode(value.encode()).decode()
        return name, value.encode() if shape.members[name].type_name == "blob" else value
    return name, parameter(shape.members[name], value)


def parameter(shape, value):
    """The value of a sample as botocore takes it."""
    if value is None or getattr(shape, "is_document_type", False):
        return value
    if shape.type_name == "structure":
        return dict(member(shape, name, it) for name, it in value.items())
    if shape.type_name == "list":
        return [parameter(shape.member, it) for it in value]
    if shape.type_name == "map":
        return {key: parameter(shape.value, it) for key, it in value.items()}
    if shape.type_name == "blob":
        return value.encode()
    if shape.type_name == "timestamp":
        return datetime.datetime.fromtimestamp(value, datetime.timezone.utc)
    return value


def plain(value):
    """A parsed value of botocore in the form of the samples."""
    if isinstance(value, dict):
        return {key: plain(it) for key, it in value.items()}
    if isinstance(value, list):
        return [plain(it) for it in value]
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    if isinstance(value, (bytes, bytearray)):
        return bytes(value).decode()
    if hasattr(value, "read"):
        return value.read().decode()
    return value


def compare(found, expected, at=""):
    """Raises where two plain values differ; numbers are equal within the precision of a 32-bit float."""
    if isinstance(found, dict) and isinstance(expected, dict):
        for key in expected:
            if key not in found:
                raise Difference(f"{at}.{key}: only botocore has it")
        for key in found:
            if key not in expected:
                raise Difference(f"{at}.{key}: botocore does not have it")
            compare(found[key], expected[key], f"{at}.{key}")
    elif isinstance(found, list) and isinstance(expected, list):
        if len(found) != len(expected):
            raise Difference(f"{at}: {len(found)} elements, botocore {len(expected)}")
        for index, (one, other) in enumerate(zip(found, expected)):
            compare(one, other, f"{at}[{index}]")
    elif isinstance(found, bool) or isinstance(expected, bool):
        if found is not expected:
            raise Difference(f"{at}: {found!r}, botocore {expected!r}")
    elif isinstance(found, (int, float)) and isinstance(expected, (int, float)):
        if not math.isclose(found, expected, rel_tol=1e-7):
            raise Difference(f"{at}: {found!r}, botocore {expected!r}")
    elif found != expected:
        raise Difference(f"{at}: {found!r}, botocore {expected!r}")


def xml(text):
    """XML as nested lists of names with namespaces, attributes, children and text."""
    def node(it):
        return [it.tag, dict(it.attrib), [node(child) for child in it], (it.text or "") if not len(it) else ""]
    return node(ElementTree.fromstring(text))


def cbor(data):
    """CBOR as plain values."""
    parser = RpcV2CBORParser()
    return plain(parser.parse_data_item(parser.get_peekable_stream_from_bytes(data)))


def body(protocol, data, content_type):
    """A body as a value that can be compared."""
    if not data:
        return None
    if protocol in ("query", "ec2"):
        return sorted(parse_qsl(data.decode(), keep_blank_values=True))
    if protocol in ("json", "rest-json"):
        try:
            return json.loads(data)
        except ValueError:
            return data
    if protocol == "smithy-rpc-v2-cbor":
        return cbor(data)
    try:
        return xml(data)
    except ElementTree.ParseError:
        return data


def query(text):
    """The names and values of a query string, in any order."""
    return sorted(parse_qsl(text, keep_blank_values=True))


def check_request(protocol, operation, value, found):
    params = parameter(operation.input_shape, value) if operation.input_shape else {}
    if operation.service_model.service_name == "s3":
        # As botocore's S3 does before anything is serialized: the bucket belongs to the endpoint.
        remove_bucket_from_url_paths_from_model(params, operation, {})
    serializer = serialize.create_serializer(protocol, include_validation=not operation.has_event_stream_input)
    request = serializer.serialize_to_request(params, operation)
    prepare_request_dict(request, endpoint_url="https://host")
    if found["method"] != request["method"]:
        raise Difference(f"method {found['method']}, botocore {request['method']}")
    # The prefix of the host belongs to the endpoint.
    url = urlsplit(request["url"])
    path = quote(unquote(url.path or "/"), safe="/~")
    if quote(unquote(found["path"]), safe="/~") != path:
        raise Difference(f"path {found['path']!r}, botocore {path!r}")
    if query(found["query"]) != query(url.query):
        raise Difference(f"query {query(found['query'])}, botocore {query(url.query)}")
    headers = {name.lower(): value for name, value in request["headers"].items() if name != "User-Agent"}
    headers = {name: value.decode() if isinstance(value, bytes) else str(value) for name, value in headers.items()}
    # That of event streams is set when the stream is opened.
    ours = dict(found["headers"])
    if "content-type" not in headers and ours.get("content-type") in UNSENT_TYPES:
        del ours["content-type"]
    if operation.has_event_stream_input:
        headers.pop("content-type", None)
    compare(ours, headers, "headers")
    data = request["body"]
    if isinstance(data, dict):
        data = urlencode(data, doseq=True)
    if isinstance(data, str):
        data = data.encode()
    if found["streaming"] or operation.has_event_stream_input:
        return
    ours = base64.b64decode(found["body"])
    compare(body(protocol, ours, headers), body(protocol, data, headers), "body")


def check_response(protocol, operation, value, found):
    data = base64.b64decode(found["body"])
    shape = operation.output_shape
    if operation.has_event_stream_output:
        # Its initial response is read from a connection.
        return
    if operation.has_streaming_output:
        data = io.BytesIO(data)
    headers = HeadersDict(found["headers"])
    response = {"status_code": found["status"], "headers": headers, "body": data, "context": {}}
    parsed = parsers.create_parser(protocol).parse(response, shape)
    parsed.pop("ResponseMetadata", None)
    expected = plain(parameter(shape, value)) if shape else {}
    if operation.has_streaming_output:
        # What is streamed is not part of what was written.
        streamed = shape.serialization["payload"]
        expected.pop(streamed, None)
        parsed.pop(streamed, None)
    for name in set(parsed) - set(expected):
        # What a response has without being asked for: its status, its other headers, an empty body.
        if shape.members[name].serialization.get("location") in ("statusCode", "headers") or not parsed[name]:
            del parsed[name]
    compare(expected, plain(parsed))


def check_error(protocol, operation, value, found):
    response = {
        "status_code": found["status"],
        "headers": HeadersDict(found["headers"]),
        "body": base64.b64decode(found["body"]),
        "context": {},
    }
    parser = parsers.create_parser(protocol)
    error = parser.parse(response, operation.output_shape)["Error"]
    if error["Code"] != value["code"]:
        raise Difference(f"code {value['code']!r}, botocore {error['Code']!r}")
    if value["message"] and error["Message"] != value["message"]:
        raise Difference(f"message {value['message']!r}, botocore {error['Message']!r}")
    shape = operation.service_model.shape_for_error_code(value["code"])
    if shape is None:
        raise Difference("botocore does not know the code")
    parsed = parser.parse(response, shape)
    # What every error has is compared above, by the name that botocore gives it.
    members = {name: it for name, it in parsed.items() if name in shape.members}
    expected = plain(parameter(shape, value["members"]))
    for name in ("message", "Message", "code", "Code"):
        members.pop(name, None)
        expected.pop(name, None)
    compare(expected, plain(members))


CHECKS = {"request": check_request, "response": check_response, "error": check_error}


def main():
    compared = 0
    for path in sys.argv[1:]:
        with open(path) as file:
            service = json.load(file)
        model = ServiceModel(service["model"], service["name"])
        for call in service["calls"]:
            operation = model.operation_model(call["operation"])
            case = f"{service['name']} {call['operation']} {call['case']}"
            compared += 1
            try:
                CHECKS[call["kind"]](model.resolved_protocol, operation, call["value"], call["wire"])
            except Difference as it:
                print(f"{case}: {it}")
            except Exception as it:
                print(f"{case}: {type(it).__name__}: {it}")
    print(f"compared {compared}")


main()
