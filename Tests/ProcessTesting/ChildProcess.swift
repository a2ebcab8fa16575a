import Foundation
import Testing

/// A program of ours, as built beside the tests, or from the folder that `CLOUDRETAIL_BINARIES` names.
public final class ChildProcess: Sendable {
    /// It ended before it said what was waited for.
    public struct EndedEarly: Error, CustomStringConvertible {
        let program: String
        let said: String
        public var description: String { "\(program) ended early: \(said)" }
    }

    /// How often a file or a process is looked at while we wait for it.
    public static let pollPause = Duration.milliseconds(5)

    private let process = Process()
    private let program: String
    /// What it prints. Files: libdispatch crashes now and then on the pipe of a child that was killed.
    private let output: URL
    private let errors: URL

    /// - Parameters:
    ///   - folder: where its output goes, into files of their own.
    ///   - environment: beside that of the tests.
    public init(_ program: String, _ arguments: [String], in folder: URL, environment: [String: String] = [:]) throws {
        let name = "\(URL(fileURLWithPath: program).lastPathComponent)-\(UUID().uuidString.prefix(8))"
        self.program = name
        output = folder.appending(path: "\(name).out")
        errors = folder.appending(path: "\(name).err")
        for file in [output, errors] { try Data().write(to: file) }
        process.executableURL = try Self.executable(program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, own in own }
        process.standardInput = FileHandle.nullDevice
        let handles = [try FileHandle(forWritingTo: output), try FileHandle(forWritingTo: errors)]
        process.standardOutput = handles[0]
        process.standardError = handles[1]
        // The child has its own by then, and Foundation keeps what a process was given for as long as the tests run.
        defer { for handle in handles { try? handle.close() } }
        try Self.withoutBlockedSignals { try process.run() }
    }

    /// The threads of the pool block most signals, and a child inherits what is blocked: `bash` would never hear of
    /// SIGTERM.
    private static func withoutBlockedSignals(_ body: () throws -> Void) rethrows {
        var (none, before) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try body()
    }

    deinit { kill() }

    public var isRunning: Bool { process.isRunning }
    public var said: String { get throws { try String(contentsOf: output, encoding: .utf8) } }
    public var complained: String { get throws { try String(contentsOf: errors, encoding: .utf8) } }

    /// Waits for a whole line on standard output that begins with `prefix`; what follows it.
    public func line(after prefix: String) async throws -> String {
        while true {
            let isRunning = process.isRunning
            let whole = try said.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
            if let line = whole.first(where: { $0.hasPrefix(prefix) }) { return String(line.dropFirst(prefix.count)) }
            guard isRunning else { throw EndedEarly(program: program, said: try said + complained.suffix(2_000)) }
            try await Task.sleep(for: Self.pollPause)
        }
    }

    /// Waits for its end; the status it ended with.
    public func exit() async throws -> Int32 {
        while true {
            if !process.isRunning { return process.terminationStatus }
            if let status = statusOfZombie { return status }
            try await Task.sleep(for: Self.pollPause)
        }
    }

    /// What it ended with, as the kernel has it. Foundation misses the end of a script that has left processes behind.
    private var statusOfZombie: Int32? {
        guard let stat = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8),
            let name = stat.lastIndex(of: ")")
        else { return nil }
        // The state is the first field behind the name, the number of threads the eighteenth, the status of `wait` the
        // last one. The first thread of a process that was killed may be gone while another one still writes.
        let fields = stat[name...].dropFirst().split(whereSeparator: \.isWhitespace)
        guard fields.count > 17, fields[0] == "Z", fields[17] == "1", let last = fields.last, let status = Int32(last)
        else { return nil }
        return status & 0x7f == 0 ? status >> 8 & 0xff : status & 0x7f
    }

    public func terminate() { signal(SIGTERM) }
    public func kill() { signal(SIGKILL) }

    public func signal(_ number: Int32) {
        guard process.isRunning else { return }
        _ = Foundation.kill(process.processIdentifier, number)
    }

    /// Runs a program to its end and answers what it printed.
    @discardableResult
    public static func run(
        _ program: String, _ arguments: [String], in folder: URL, environment: [String: String] = [:],
        expecting status: Int32 = 0
    ) async throws -> String {
        let child = try ChildProcess(program, arguments, in: folder, environment: environment)
        let ended = try await child.exit()
        let said = try child.said
        let complained = try child.complained.suffix(2_000)
        try #require(ended == status, "\(program) \(arguments.first ?? ""): \(said)\n\(complained)")
        return said
    }

    private static func executable(_ program: String) throws -> URL {
        if program.hasPrefix("/") { return URL(fileURLWithPath: program) }
        return try binaries().appending(path: program)
    }

    /// The folder with our programs.
    public static func binaries() throws -> URL {
        if let named = ProcessInfo.processInfo.environment["CLOUDRETAIL_BINARIES"] {
            return URL(fileURLWithPath: named)
        }
        return try built()
    }

    /// What is built beside the tests, whatever programs they run.
    public static func built(_ name: String) throws -> URL { try built().appending(path: name) }

    private static func built() throws -> URL {
        let folders = [Bundle.main.bundleURL] + Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
        return try #require(
            folders.first { FileManager.default.isExecutableFile(atPath: $0.appending(path: "cloudretail").path) })
    }
}
