// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

namespace odradek::broker {

/// Kafka reads requests into maps: a topic named twice is one topic, a partition named twice counts
/// as last said, and a topic without partitions is not there. Brings a request into that form, in
/// the order of first mention. Requests in good order (nearly all) cost one look.
template <class Topic, class Part, class Key>
void mergeTopics(std::vector<Topic>& topics, std::vector<Part> Topic::* parts,
                 std::int32_t Part::* index, Key key) {
    const auto inOrder = [&] {
        for (std::size_t i = 0; i < topics.size(); ++i) {
            const auto& own = topics[i].*parts;
            if (own.empty())
                return false;
            for (std::size_t j = 1; j < own.size(); ++j)
                if (own[j].*index <= own[j - 1].*index)
                    return false;
            if (i >= 64)
                return false;  // too many to compare pairwise
            for (std::size_t k = 0; k < i; ++k)
                if (key(topics[k]) == key(topics[i]))
                    return false;
        }
        return true;
    };
    if (inOrder())
        return;
    std::vector<Topic> merged;
    std::map<std::decay_t<decltype(key(topics.front()))>, std::size_t> places;
    std::vector<std::map<std::int32_t, std::size_t>> partPlaces;
    for (auto& topic : topics) {
        auto own = std::exchange(topic.*parts, {});
        if (own.empty())
            continue;
        const auto [place, fresh] = places.try_emplace(key(topic), merged.size());
        if (fresh) {
            merged.push_back(std::move(topic));
            partPlaces.emplace_back();
        }
        auto& into = merged[place->second].*parts;
        for (auto& part : own) {
            const auto [at, first] =
                partPlaces[place->second].try_emplace(part.*index, into.size());
            if (first)
                into.push_back(std::move(part));
            else
                into[at->second] = std::move(part);
        }
    }
    topics = std::move(merged);
}

}  // namespace odradek::broker
