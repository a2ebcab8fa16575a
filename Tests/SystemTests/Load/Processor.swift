import Foundation

/// Seconds of the processor that processes have taken, as the kernel counts them.
enum Processor {
    /// Of the nodes that run, all together.
    static func ofNodes(_ cluster: LocalCluster) throws -> Double {
        try cluster.nodes.reduce(0) { try $0 + of(cluster.pid(of: $1.id)) }
    }

    private static func of(_ pid: Int32) throws -> Double {
        let stat = try String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8)
        // The fields behind the program's name, of which the twelfth and thirteenth are those of user and system.
        let fields = stat.split(separator: ")").last?.split(whereSeparator: \.isWhitespace) ?? []
        guard fields.count > 12, let user = Double(fields[11]), let system = Double(fields[12]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    /// Of the programs that this process has started and seen end.
    static var ofEndedChildren: Double {
        var usage = rusage()
        #if canImport(Glibc)
            getrusage(RUSAGE_CHILDREN.rawValue, &usage)
        #else
            getrusage(RUSAGE_CHILDREN, &usage)
        #endif
        func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1_000_000 }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }
}
