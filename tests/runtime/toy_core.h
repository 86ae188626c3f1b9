// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/io/core.h"

namespace odradek::real::test {

/// A core for tests of the runtime. A frame's first byte says what to do with it:
///   e...  send the frame back
///   b<n>  send a frame of n bytes ('z')
///   x     close the connection
///   w...  append the rest to the file "toy/log"; the answer "ok <offset>" follows the write
///   s...  the same with a flush behind it; the answer follows the flush
///   r     send the whole file back
///   d<n>  dial node n; what comes from there is sent back on this connection ("up", frames, "down")
///   f...  send the rest to the dialled connection
///   h     hang up the dialled connection
///   t<ms> answer "tick" after so many milliseconds
///   l     answer what happened so far, one word per event
class ToyCore final : public io::Core {
public:
    void step(Now now, const io::Event& event, io::Effects& effects) override {
        if (const auto* accepted = std::get_if<io::Accepted>(&event)) {
            m_words += accepted->inProcess ? "link;" : "accepted;";
            m_listener = accepted->listener;
        } else if (const auto* closed = std::get_if<io::Closed>(&event)) {
            m_words += "closed;";
            ++m_closed;
            if (closed->connection == m_dialled && m_back.value != 0)
                send(effects, m_back, "down");
        } else if (std::get_if<io::Connected>(&event)) {
            send(effects, m_back, "up");
        } else if (const auto* done = std::get_if<io::DiskDone>(&event)) {
            diskDone(*done, effects);
        } else if (const auto* frame = std::get_if<io::FrameIn>(&event)) {
            ++m_frames;
            m_lastFrame = frame->frame;
            if (frame->connection == m_dialled)
                effects.push_back(io::SendFrame{m_back, frame->frame});
            else
                take(now, *frame, effects);
        } else if (now.at >= m_wake) {
            m_wake = Instant::never();
            send(effects, m_tickTo, "tick");
        }
    }
    Instant nextWake() const override { return m_wake; }
    std::unique_ptr<io::Core> clone() const override { return std::make_unique<ToyCore>(*this); }

    std::uint64_t closedCount() const { return m_closed; }
    std::uint64_t frameCount() const { return m_frames; }
    const Bytes& lastFrame() const { return m_lastFrame; }

private:
    void take(Now now, const io::FrameIn& in, io::Effects& effects) {
        const auto text = in.frame.view();
        const auto rest = text.empty() ? std::string() : std::string(text.substr(1));
        switch (text.empty() ? 'e' : text.front()) {
        case 'e':
            effects.push_back(io::SendFrame{in.connection, in.frame});
            break;
        case 'b':
            effects.push_back(io::SendFrame{
                in.connection, Bytes::take(std::vector<std::uint8_t>(std::stoul(rest), std::uint8_t{'z'}))});
            break;
        case 'x':
            send(effects, in.connection, "bye");
            effects.push_back(io::CloseConnection{in.connection});
            break;
        case 'w':
        case 's':
            effects.push_back(io::DiskWrite{text.front() == 'w' ? ++m_op : 0, "toy/log", m_offset,
                                            Bytes::copy(rest), 0});
            if (text.front() == 's')
                effects.push_back(io::DiskFlush{++m_op, "toy/log"});
            m_waiting[m_op] = {in.connection, "ok " + std::to_string(m_offset)};
            m_offset += rest.size();
            break;
        case 'r':
            effects.push_back(io::DiskRead{++m_op, "toy/log", 0, UINT64_MAX});
            m_waiting[m_op] = {in.connection, ""};
            break;
        case 'd':
            m_back = in.connection;
            m_dialled = ConnectionId((std::uint64_t{1} << 63) | ++m_dials);
            effects.push_back(io::Dial{m_dialled, BrokerId(std::stoi(rest)), io::Listener::Client});
            break;
        case 'f':
            effects.push_back(io::SendFrame{m_dialled, in.frame.slice(1)});
            break;
        case 'h':
            effects.push_back(io::CloseConnection{m_dialled});
            break;
        case 't':
            m_tickTo = in.connection;
            m_wake = now.at + Milliseconds(std::stoi(rest));
            break;
        case 'l':
            send(effects, in.connection, m_words);
            break;
        default:
            break;
        }
    }
    void diskDone(const io::DiskDone& done, io::Effects& effects) {
        const auto waiter = m_waiting.find(done.op);
        if (waiter == m_waiting.end())
            return;
        auto [connection, answer] = waiter->second;
        m_waiting.erase(waiter);
        if (!done.data)
            answer = "error " + done.data.error().message;
        else if (answer.empty())
            answer = done.data->toString();
        send(effects, connection, answer);
    }
    static void send(io::Effects& effects, ConnectionId to, const std::string& text) {
        effects.push_back(io::SendFrame{to, Bytes::copy(text)});
    }

    std::string m_words;
    io::Listener m_listener = io::Listener::Client;
    std::uint64_t m_closed = 0;
    std::uint64_t m_frames = 0;
    Bytes m_lastFrame;
    io::OpId m_op = 0;
    std::uint64_t m_offset = 0;
    std::map<io::OpId, std::pair<ConnectionId, std::string>> m_waiting;
    std::uint64_t m_dials = 0;
    ConnectionId m_dialled;
    ConnectionId m_back;
    ConnectionId m_tickTo;
    Instant m_wake = Instant::never();
};

}  // namespace odradek::real::test
