# SPDX-License-Identifier: GPL-3.0-or-later
"""The judges, one file per program. Each check is a function that asserts something real.

A check gets an Environment. Checks marked `lonely` stop or kill the cluster and therefore run by
themselves, in the order they are written; the others run side by side.
"""
