# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs on Apache Kafka's Java client, old and new (java/InteropClient.java)."""

from support.environment import check
from support.jvm import runJava


@check
def java_client_3_9(env):
    out = runJava("InteropClient", "kafka-clients-old", env.bootstrap, env.name("java-old"))
    assert out.splitlines()[-1].startswith("ok 3.9"), out


@check
def java_client_4_3(env):
    out = runJava("InteropClient", "kafka-server", env.bootstrap, env.name("java-new"))
    assert out.splitlines()[-1].startswith("ok 4.3"), out
