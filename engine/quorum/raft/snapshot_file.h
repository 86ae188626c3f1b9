// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/bytes.h"
#include "engine/base/result.h"
#include "engine/protocol/codec/record_batch.h"
#include "engine/quorum/raft/voter_set.h"

/// Snapshots of the metadata log (KIP-630): `<end offset, 20 digits>-<epoch, 10 digits>.checkpoint`, everything that
/// the log below the end offset says. Inside are record batches whose offsets count from 0: a control batch with
/// SnapshotHeader (and, from kraft.version 1 on, KRaftVersion and Voters), data batches of metadata records, and a
/// control batch with SnapshotFooter. The one of a new cluster, 0-0, holds nothing but the first voters (KIP-853).
namespace odradek::raft {

/// The name for an end offset and epoch.
std::string snapshotName(const OffsetAndEpoch& id);
std::optional<OffsetAndEpoch> parseSnapshotName(std::string_view name);

/// What a control record says, as far as the quorum cares.
struct ControlFacts {
    std::optional<VoterSet> voters;
    std::optional<std::int16_t> kraftVersion;
    std::int64_t offset = 0;
    bool isFooter = false;
};
/// Reads the control records of one control batch. Unsupported: a kraft.version or record version we do not know.
Result<std::vector<ControlFacts>> readControlBatch(const Bytes& batch);

/// One control record of the batches that leaders and snapshots write.
template <class M>
protocol::Record controlRecord(protocol::ControlType type, const M& message, std::int64_t offset,
                               std::int64_t wallMs);

/// A whole snapshot file. `values` are the encoded metadata records.
Bytes buildSnapshot(const OffsetAndEpoch& id, std::int64_t lastTimestampMs, std::int16_t kraftVersion,
                    const VoterSet& voters, const std::vector<Bytes>& values);
/// The file a new cluster's voters start with: `__cluster_metadata-0/00000000000000000000-0000000000.checkpoint`.
Bytes buildBootstrapSnapshot(const VoterSet& voters, std::int64_t wallMs);

struct SnapshotContents {
    std::int16_t kraftVersion = 0;
    std::optional<VoterSet> voters;
    std::vector<Bytes> dataBatches;
};
/// Corrupt: cut off, a broken CRC, or no header in front and footer behind.
Result<SnapshotContents> readSnapshot(const Bytes& file);

}  // namespace odradek::raft
