// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/sim/sim_command.h"

int main(int argc, char** argv) {
    return odradek::app::runSim({argv + 1, argv + argc});
}
