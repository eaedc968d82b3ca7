"""The driver of boto3: the arguments and the line of JSON are those of the other drivers (`driver/src/lib.rs`)."""

import io
import json
import os
import resource
import sys
from concurrent.futures import ThreadPoolExecutor

case, url, operations, tasks, *rest = sys.argv[1:]
operations, tasks = int(operations), int(tasks)
file = rest[0] if rest else None


def cpu_us():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return round((usage.ru_utime + usage.ru_stime) * 1e6)


def peak_kb():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


import boto3
from botocore.config import Config


def client(service):
    return boto3.client(
        service,
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
        config=Config(max_pool_connections=max(10, tasks), s3={"addressing_style": "path"}),
    )


def read(body):
    return sum(len(piece) for piece in body.iter_chunks(1 << 20))


def upload(it):
    with open(file, "rb") as body:
        it.put_object(Bucket="bucket", Key="big", Body=body)
    return os.path.getsize(file)


def download_to_memory(it):
    target = io.BytesIO()
    it.download_fileobj("transfer", key(), target)
    return target.getbuffer().nbytes


def download_to_file(it):
    target = file + ".downloaded"
    it.download_file("transfer", key(), target)
    return os.path.getsize(target)


def upload_file(it):
    it.upload_file(file, "transfer", key())
    return os.path.getsize(file)


def upload_from_memory(it):
    it.upload_fileobj(io.BytesIO(MEBIBYTE), "transfer", key())
    return len(MEBIBYTE)


MEBIBYTE = b"\7" * (1 << 20)


def key():
    return str(1 << 28 if case.endswith("256m") else 1 << 20)


CASES = {
    "listbuckets": ("s3", lambda it: len(it.list_buckets()["Buckets"])),
    "get1k": ("s3", lambda it: len(it.get_object(Bucket="bucket", Key="small")["Body"].read())),
    "get256m": ("s3", lambda it: read(it.get_object(Bucket="bucket", Key="big")["Body"])),
    "put1k": ("s3", lambda it: int("ETag" in it.put_object(Bucket="bucket", Key="small", Body=b"\7" * 1024))),
    "put256m": ("s3", upload),
    "list1000": ("s3", lambda it: len(it.list_objects_v2(Bucket="bucket")["Contents"])),
    "download1m": ("s3", download_to_memory),
    "download256m": ("s3", download_to_memory),
    "download_file256m": ("s3", download_to_file),
    "upload1m": ("s3", upload_from_memory),
    "upload_file256m": ("s3", upload_file),
    "sqs_send": (
        "sqs",
        lambda it: int("MessageId" in it.send_message(QueueUrl=url + "/123456789012/queue", MessageBody="a message")),
    ),
    "ddb_getitem": (
        "dynamodb",
        lambda it: len(it.get_item(TableName="orders", Key={"pk": {"S": "customer#1"}, "sk": {"S": "order#1"}})["Item"]),
    ),
    "ddb_query1m": (
        "dynamodb",
        lambda it: len(
            it.query(
                TableName="orders",
                KeyConditionExpression="pk = :pk",
                ExpressionAttributeValues={":pk": {"S": "customer#1"}},
            )["Items"]
        ),
    ),
    "ec2_describe200": ("ec2", lambda it: sum(len(one["Instances"]) for one in it.describe_instances()["Reservations"])),
}
CASES["start"] = CASES["listbuckets"]
service, run = CASES[case]
made = client(service)


def repeat(count):
    if tasks == 1:
        return sum(run(made) for _ in range(count))
    with ThreadPoolExecutor(tasks) as pool:
        return sum(pool.map(lambda _: run(made), range(count)))


warm_up = 0 if operations == 1 else max(operations // 20, tasks)
if warm_up:
    repeat(warm_up)
before = 0 if case == "start" else cpu_us()
units = repeat(operations)
cost = {"cpu_us": cpu_us() - before, "units": units, "peak_kb": peak_kb()}
print(json.dumps(cost | {"allocations": 0, "all_operations": warm_up + operations}))
