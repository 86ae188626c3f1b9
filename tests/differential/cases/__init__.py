# SPDX-License-Identifier: GPL-3.0-or-later
"""The scripted cases, one file per area. A script asks, the harness notes and compares."""
