// SPDX-License-Identifier: GPL-3.0-or-later
// operator new for odradek-sim alone: a simulated step is a few microseconds, a good part of them small allocations.
// Blocks of up to 512 bytes come from free lists by size that never go back to malloc; each block begins with 16 bytes
// that name its list, so that it can be freed without its size. Trials run in processes of one thread (campaign.cpp);
// the lists are thread-local all the same. Left out under sanitizers, which have to see every allocation.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ODRADEK_PLAIN_NEW
#endif
#endif
#else
#define ODRADEK_PLAIN_NEW
#endif

#ifndef ODRADEK_PLAIN_NEW
namespace {

constexpr std::size_t kHeader = 16;
constexpr std::size_t kStep = 16;
constexpr std::size_t kLists = 32;  ///< blocks of up to kLists * kStep bytes
constexpr std::size_t kChunk = 256 << 10;

struct Free {
    Free* next;
};
struct Lists {
    Free* free[kLists + 1] = {};
    char* at = nullptr;
    char* end = nullptr;
};
thread_local Lists t_lists;

void* fresh(std::size_t list) {
    const std::size_t size = kHeader + list * kStep;
    if (static_cast<std::size_t>(t_lists.end - t_lists.at) < size) {
        t_lists.at = static_cast<char*>(std::malloc(kChunk));
        if (t_lists.at == nullptr)
            throw std::bad_alloc();
        t_lists.end = t_lists.at + kChunk;
    }
    char* block = t_lists.at;
    t_lists.at += size;
    *reinterpret_cast<std::size_t*>(block) = list;
    return block + kHeader;
}

}  // namespace

void* operator new(std::size_t size) {
    const std::size_t list = (size + kStep - 1) / kStep + (size == 0 ? 1 : 0);
    if (list <= kLists) {
        Free* const one = t_lists.free[list];
        if (one == nullptr)
            return fresh(list);
        t_lists.free[list] = one->next;
        return one;
    }
    auto* block = static_cast<char*>(std::malloc(size + kHeader));
    if (block == nullptr)
        throw std::bad_alloc();
    *reinterpret_cast<std::size_t*>(block) = 0;
    return block + kHeader;
}

void operator delete(void* pointer) noexcept {
    if (pointer == nullptr)
        return;
    char* const block = static_cast<char*>(pointer) - kHeader;
    const std::size_t list = *reinterpret_cast<std::size_t*>(block);
    if (list == 0)
        return std::free(block);
    auto* const one = static_cast<Free*>(pointer);
    one->next = t_lists.free[list];
    t_lists.free[list] = one;
}

void operator delete(void* pointer, std::size_t) noexcept {
    operator delete(pointer);
}
#endif
