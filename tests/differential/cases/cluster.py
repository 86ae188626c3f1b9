# SPDX-License-Identifier: GPL-3.0-or-later
"""ApiVersions, DescribeCluster, FindCoordinator, DescribeLogDirs."""

from harness.context import oneBatch
from harness.registry import case
from wire import schema

SOFTWARE = {"ClientSoftwareName": "odradek-tests", "ClientSoftwareVersion": "1.0"}


@case("ApiVersions")
def good(t):
    t.ask("versions", SOFTWARE)
    t.ask("same on another node", SOFTWARE, node=2)


@case("ApiVersions", minimum=3)
def bad_software_names(t):
    """KIP-511: names must be letters, digits, dots, dashes, and not empty."""
    for name, version in [("", "1"), ("x", ""), ("a b", "1"), ("x!", "1"), ("-x", "1"),
                          ("x", "1.0-SNAPSHOT"), ("x", ".1"), ("ok.name-1", "2.3")]:
        t.ask(f"{name!r} {version!r}", {"ClientSoftwareName": name,
                                        "ClientSoftwareVersion": version},
              keep=lambda answer: {"ErrorCode": answer["ErrorCode"],
                                   "any": bool(answer["ApiKeys"])})


@case("ApiVersions", only=[0])
def unknown_version(t):
    """Answered in layout 0 with error 35 and the range of ApiVersions itself."""
    for version in (5, 6, 99, 32767):
        t.ask(f"v{version}", SOFTWARE, version=version)


@case("DescribeCluster")
def good(t):  # noqa: F811  (names repeat per API)
    t.ask("brokers", {"EndpointType": 1})
    t.ask("authorized operations", {"IncludeClusterAuthorizedOperations": True,
                                    "EndpointType": 1}, node=2)


@case("DescribeCluster", minimum=1)
def endpoint_types(t):
    t.ask("controllers", {"EndpointType": 2})
    t.ask("unknown type", {"EndpointType": 3})
    t.ask("type 0", {"EndpointType": 0})


@case("DescribeCluster", minimum=2)
def fenced(t):
    t.ask("include fenced", {"EndpointType": 1, "IncludeFencedBrokers": True})
    t.ask("include fenced controllers", {"EndpointType": 2, "IncludeFencedBrokers": True})


def _oneNode(answer):
    """The coordinator must be some node; which one depends on the partition's leader."""
    for each in answer.get("Coordinators", [answer]):
        each["NodeId"] = "<a node>" if each["NodeId"] in (1, 2, 3) else each["NodeId"]
    return answer


@case("FindCoordinator")
def group(t):
    name = t.name("group")
    t.ask("group", {"Key": name, "KeyType": 0, "CoordinatorKeys": [name]}, keep=_oneNode)
    t.ask("from another node", {"Key": name, "KeyType": 0, "CoordinatorKeys": [name]}, node=3,
          keep=_oneNode)


@case("FindCoordinator")
def empty_group(t):
    t.ask("empty key", {"Key": "", "KeyType": 0, "CoordinatorKeys": [""]}, keep=_oneNode)


@case("FindCoordinator", minimum=1)
def unknown_type(t):
    for kind in (5, 127, -1):
        t.ask(f"type {kind}", {"Key": "x", "KeyType": kind, "CoordinatorKeys": ["x"]})


@case("FindCoordinator", minimum=4)
def several_keys(t):
    names = [t.name("one"), t.name("two")]
    t.ask("two", {"CoordinatorKeys": names}, keep=_oneNode)
    t.ask("none", {"CoordinatorKeys": []}, keep=_oneNode)
    t.ask("twice the same", {"CoordinatorKeys": [names[0], names[0]]}, keep=_oneNode)


@case("DescribeLogDirs")
def sizes(t):
    topic = t.topic(assignment=((1, 2), (2, 1)))
    t.produce(topic, oneBatch(b"one", b"two"), oneBatch(b"three"))
    asked = {"Topics": [{"Topic": topic.name, "Partitions": [0, 1]}]}
    t.ask("both partitions", asked)
    t.ask("on the follower", asked, node=2)
    t.ask("on a stranger", asked, node=3)
    t.ask("one partition", {"Topics": [{"Topic": topic.name, "Partitions": [1]}]})


@case("DescribeLogDirs")
def everything(t):
    topic = t.topic()
    t.produce(topic, oneBatch())
    t.ask("null topics", {"Topics": None})
    t.ask("no topics", {"Topics": []})


@case("DescribeLogDirs")
def unknown(t):
    t.ask("unknown topic", {"Topics": [{"Topic": t.name("nowhere"), "Partitions": [0]}]})
    topic = t.topic()
    t.ask("unknown partition", {"Topics": [{"Topic": topic.name, "Partitions": [7, -1]}]})


@case("Framing")
def api_versions_before_anything(t):
    """A new connection may start with any version of ApiVersions."""
    for version in schema.stableVersions("ApiVersions"):
        with t.target.connection(2, fresh=True) as connection:
            answer = connection.request("ApiVersions", version, SOFTWARE)
            t.note(f"v{version}", schema.errorName(answer["ErrorCode"]))
