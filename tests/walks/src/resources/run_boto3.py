"""Runs the steps of a walk with boto3's resources, and reports the requests, the resources and what of the models was used.

Reads one JSON document from standard input and writes one to standard output; `boto3.rs` writes the one and reads the other. Knows no
service: what a step does is Python code of the walk.
"""

import ast
import io
import json
import sys

import boto3
import botocore.waiter
from boto3.resources import action, base, collection, factory, model
from botocore.awsrequest import AWSResponse
from botocore.config import Config

covered = []
requests = []
replies = []


def name_of(resource):
    """The name of a resource's type as in the models; `service` for the service itself."""
    found = resource.meta.resource_model.name
    return "service" if found == resource.meta.service_name else found


def watch(owner, method, item):
    """Notes `item(...)` whenever the method has returned, or has failed after it sent a request."""
    original = getattr(owner, method)

    def watched(self, *args, **kwargs):
        result = requests
        try:
            result = original(self, *args, **kwargs)
        finally:
            found = item(self, result, *args)
            if found and (result is not requests or requests):
                covered.append(found)
        return result

    setattr(owner, method, watched)


def watch_action(self, result, parent, *args):
    if isinstance(self, action.BatchAction):
        collection_of = f"{name_of(parent._parent)}.hasMany.{parent._model.name}"
        return f"{collection_of}.batchActions.{self._action_model.name}" if result else None
    found = self._action_model.name
    return f"{name_of(parent)}.load" if found == "load" else f"{name_of(parent)}.actions.{found}"


def watch_pages(self, result):
    return f"{name_of(self._parent)}.hasMany.{self._model.name}"


def watch_waiter(self, result, parent, *args):
    return f"{name_of(parent)}.waiters.{self._waiter_model.name}"


watch(action.ServiceAction, "__call__", watch_action)
watch(action.BatchAction, "__call__", watch_action)
watch(action.WaiterAction, "__call__", watch_waiter)
watch(collection.ResourceCollection, "pages", watch_pages)


def watch_created(method):
    """Notes sub-resources and references, which boto3 creates by functions that it makes for each."""
    original = getattr(factory.ResourceFactory, method)

    def create(self, *args, **kwargs):
        created = original(self, *args, **kwargs)
        has = args[0] if args else next(it for it in kwargs.values() if isinstance(it, model.Action))
        run = created.fget if isinstance(created, property) else created

        def watched(resource, *args, **kwargs):
            found = run(resource, *args, **kwargs)
            if found:
                covered.append(f"{name_of(resource)}.has.{has.name}")
            return found

        watched.__name__ = run.__name__
        watched.__doc__ = run.__doc__
        return property(watched) if isinstance(created, property) else watched

    setattr(factory.ResourceFactory, method, create)


watch_created("_create_reference")
watch_created("_create_class_partial")


def watch_injected(class_attributes, **kwargs):
    """Notes actions of the models that boto3 replaces by code of its own."""
    for found in class_attributes["meta"].resource_model.actions:
        run = class_attributes[found.name]
        if run.__module__ == factory.__name__:
            continue

        def watched(resource, *args, run=run, name=found.name, **kwargs):
            result = run(resource, *args, **kwargs)
            covered.append(f"{name_of(resource)}.actions.{name}")
            return result

        class_attributes[found.name] = watched


class Raw(io.BytesIO):
    """The body of a canned response, as urllib3 has it."""

    def stream(self, **kwargs):
        yield self.read()


def before_send(request, **kwargs):
    body = request.body or b""
    if hasattr(body, "read"):
        start = body.tell()
        body = body.read()
        request.body.seek(start)
    if isinstance(body, str):
        body = body.encode()
    decode = lambda it: it.decode() if isinstance(it, bytes) else it
    requests.append(
        {
            "method": request.method,
            "url": request.url,
            "headers": [[name.lower(), decode(value)] for name, value in request.headers.items()],
            "body": bytes(body).hex(),
        }
    )
    request.headers["x-moto-account-id"] = document["account"]
    if replies:
        reply = replies.pop(0)
        body = Raw(reply["body"].encode())
        return AWSResponse(request.url, reply["status"], dict(reply["headers"]), body)
    return None


def shown(value):
    """A resource as Rust's `Debug` shows it; `None` for other values."""
    if isinstance(value, (list, tuple)):
        found = [shown(it) for it in value]
        return None if None in found or not found else [it for each in found for it in each]
    if not isinstance(value, base.ServiceResource):
        return None
    hidden = "*** Sensitive Data Redacted ***"
    names = [it for it in value.meta.identifiers]
    fields = [f"{it}: {json.dumps(hidden if it == 'secret' else getattr(value, it))}" for it in names]
    name = value.meta.resource_model.name
    loaded = "" if value.meta.data is None else "loaded "
    return [f"{loaded}{name} {{ {', '.join(fields)} }}" if fields else f"{loaded}{name}"]


def evaluate(code, variables):
    """The value of an expression, or of the assignment of one, which is then made."""
    tree = ast.parse(code).body
    if len(tree) == 1 and isinstance(tree[0], ast.Expr):
        return eval(code, variables)
    exec(code, variables)
    target = tree[-1].targets[0] if isinstance(tree[-1], ast.Assign) else None
    return eval(ast.unparse(target), variables) if target is not None else None


document = json.load(sys.stdin)
botocore.waiter.time = type("Time", (), {"sleep": staticmethod(lambda seconds: None)})
session = boto3.Session()
session.events.register_last("creating-resource-class", watch_injected)
root = session.resource(
    document["service"],
    region_name=document["region"],
    endpoint_url=document["url"],
    aws_access_key_id=document["access_key"],
    aws_secret_access_key="secret",
    config=Config(retries={"total_max_attempts": 1}),
)
root.meta.client.meta.events.register("before-send", before_send)
variables = {document["service"]: root}
steps = []
for step in document["steps"]:
    covered.clear()
    requests.clear()
    replies[:] = step["replies"]
    error = resources = None
    try:
        resources = shown(evaluate(step["python"], variables))
    except (NameError, SyntaxError):
        # A fault of the walk, also where a step has to fail or to differ.
        raise
    except Exception as failure:
        error = f"{type(failure).__name__}: {failure}"
    if replies:
        error = f"{error or ''} {len(replies)} replies are left"
    steps.append(
        {"requests": list(requests), "resources": resources, "error": error, "covered": sorted(set(covered))}
    )
json.dump({"steps": steps}, sys.stdout)
