# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the scripted cases against a target and makes its answers comparable."""
