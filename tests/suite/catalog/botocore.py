"""Prints botocore.json: the services, regions and partitions that botocore and boto3 list.

pip install botocore==VERSION boto3==VERSION && python botocore.py > botocore.json
"""

import json

import boto3
import botocore
from botocore.exceptions import UnknownRegionError

SERVICES = (
    "s3 sts iam ec2 dynamodb elb elbv2 cloudwatch route53 bedrock-runtime chime savingsplans"
    " elasticloadbalancing nothing"
).split()
REGIONS = (
    "us-east-1 eu-south-27 mx-central-1 me-west-1 cn-north-1 cn-space_x-12 us-gov-west-1 us-gov-north-9 us-iso-east-1"
    " us-isob-west-1 eu-isoe-west-1 us-isof-south-1 eusc-de-east-1 eusc-de-south-3"
    " mars-north-1 us-east-1a us-east us-east-x cnx-north-1 eusc-fr-east-1 US-EAST-1 fips-us-east-1"
).split()

session = boto3.Session(region_name="us-east-1")


def partition(region):
    try:
        return session.get_partition_for_region(region)
    except UnknownRegionError:
        return None


regions = {}
for service in SERVICES:
    for name in session.get_available_partitions():
        found = [session.get_available_regions(service, name, flag) for flag in (False, True)]
        if any(found):
            regions.setdefault(service, {})[name] = found
    regions.setdefault(service, {})

print(
    json.dumps(
        {
            "botocore": botocore.__version__,
            "services": len(session.get_available_services()),
            "resources": session.get_available_resources(),
            "partitions": sorted(session.get_available_partitions()),
            "partition_for_region": {region: partition(region) for region in REGIONS},
            "available_regions": regions,
        },
        indent=1,
    )
)
