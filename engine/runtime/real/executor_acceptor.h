// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/runtime/real/executor_impl.h"

namespace odradek::real {

/// One listening socket of a core: takes connections in and hands them to the executor. On the executor's thread.
class Acceptor : public std::enable_shared_from_this<Acceptor> {
public:
    Acceptor(Executor::Impl& owner, CoreId core, io::Listener listener, int fd)
        : m_owner(owner), m_core(core), m_listener(listener), m_socket(owner.io(), fd) {}
    void wait();
    void close();

private:
    void onReadable();

    Executor::Impl& m_owner;
    CoreId m_core;
    io::Listener m_listener;
    asio::posix::stream_descriptor m_socket;
};

}  // namespace odradek::real
