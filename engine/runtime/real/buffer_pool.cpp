// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runtime/real/buffer_pool.h"

#include <array>
#include <bit>
#include <cstdlib>
#include <mutex>
#include <new>
#include <vector>

namespace odradek::real {
namespace {

constexpr std::size_t kSmallestShift = 15;  // 32 KiB: below, malloc is as good
constexpr std::size_t kLargestShift = 24;   // 16 MiB: above, too rare to keep

}  // namespace

struct BufferPool::Shelf {
    explicit Shelf(std::size_t keep) : keepBytes(keep) {}
    ~Shelf() { clear(); }

    std::uint8_t* get(std::size_t shift) {
        {
            std::lock_guard lock(mutex);
            auto& stack = free[shift - kSmallestShift];
            if (!stack.empty()) {
                auto* data = stack.back();
                stack.pop_back();
                idle -= std::size_t{1} << shift;
                return data;
            }
        }
        return static_cast<std::uint8_t*>(::operator new(std::size_t{1} << shift));
    }
    void put(std::uint8_t* data, std::size_t shift) {
        {
            std::lock_guard lock(mutex);
            if (idle + (std::size_t{1} << shift) <= keepBytes) {
                free[shift - kSmallestShift].push_back(data);
                idle += std::size_t{1} << shift;
                return;
            }
        }
        ::operator delete(data);
    }
    void clear() {
        std::lock_guard lock(mutex);
        for (auto& stack : free) {
            for (auto* data : stack)
                ::operator delete(data);
            stack.clear();
            stack.shrink_to_fit();
        }
        idle = 0;
    }

    mutable std::mutex mutex;
    std::array<std::vector<std::uint8_t*>, kLargestShift - kSmallestShift + 1> free;
    std::size_t idle = 0;
    const std::size_t keepBytes;
};

BufferPool::BufferPool(std::size_t keepBytes) : m_shelf(std::make_shared<Shelf>(keepBytes)) {}
BufferPool::~BufferPool() = default;

BufferPool::Buffer BufferPool::take(std::size_t size) {
    if (size <= (std::size_t{1} << (kSmallestShift - 1)) || size > (std::size_t{1} << kLargestShift)) {
        auto* data = static_cast<std::uint8_t*>(::operator new(size == 0 ? 1 : size));
        return {std::shared_ptr<std::uint8_t>(data, [](std::uint8_t* p) { ::operator delete(p); }), size};
    }
    const auto shift = std::max<std::size_t>(std::bit_width(size - 1), kSmallestShift);
    auto* data = m_shelf->get(shift);
    return {std::shared_ptr<std::uint8_t>(
                data, [shelf = m_shelf, shift](std::uint8_t* p) { shelf->put(p, shift); }),
            std::size_t{1} << shift};
}

Bytes BufferPool::flatten(const Chain& chain) {
    const auto& parts = chain.parts();
    if (parts.empty())
        return {};
    if (parts.size() == 1)
        return parts.front();
    auto buffer = take(chain.size());
    auto* to = buffer.data.get();
    for (const auto& part : parts) {
        std::memcpy(to, part.data(), part.size());
        to += part.size();
    }
    return buffer.bytes(chain.size());
}

void BufferPool::trim() {
    m_shelf->clear();
}

std::size_t BufferPool::idleBytes() const {
    std::lock_guard lock(m_shelf->mutex);
    return m_shelf->idle;
}

}  // namespace odradek::real
