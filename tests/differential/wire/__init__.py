# SPDX-License-Identifier: GPL-3.0-or-later
"""A small Kafka wire codec of our own, driven by the facts in tests/differential/facts.

It is deliberately independent of engine/protocol: it reads the message descriptions as data, so an
error in our C++ codec cannot hide behind the same error here.
"""
