// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/broker/metadata_snapshot.h"

#include <utility>

#include "engine/broker/core.h"
#include "engine/broker/metadata_reaction.h"
#include "engine/metadata/image_records.h"
#include "engine/protocol/codec/record_batch.h"

namespace odradek::broker {
namespace {

Result<metadata::Image> imageOf(const Bytes& file) {
    metadata::Image image;
    bool endsWithControl = false;  // the footer: a snapshot that was cut off has none
    for (std::size_t at = 0; at < file.size();) {
        const auto header = TRY(protocol::readBatchHeader(file.slice(at)));
        const auto batch = file.slice(at, header.sizeInBytes());
        TRY_OK(protocol::checkBatchCrc(batch));
        TRY(image.applyBatch(batch));
        endsWithControl = header.isControl();
        at += batch.size();
    }
    if (!endsWithControl)
        return fail(ErrorCode::Truncated, "it is cut off");
    return image;
}

}  // namespace

bool takeMetadataSnapshot(Step& s, std::int64_t endOffset, std::int32_t epoch, const Bytes& file) {
    auto& core = s.core;
    auto image = imageOf(file);
    if (!image) {
        s.note(LogLevel::Error, "a metadata snapshot cannot be applied: " + image.error().message);
        return false;
    }
    image->applyLeaderChange(core.image.controllerId(), core.image.controllerEpoch(), endOffset - 1);
    const auto delta = metadata::difference(core.image, *image);
    core.image = std::move(*image);
    core.metadataFetchOffset = endOffset;
    core.metadataFetchEpoch = epoch;
    react(s, delta);
    return true;
}

}  // namespace odradek::broker
