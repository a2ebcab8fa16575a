import Foundation

/// A `storage-torture` process, which lies beside the tests.
final class ChildProcess {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var pending = Data()

    init(_ arguments: String..., environment: [String: String] = [:]) throws {
        process.executableURL = Self.productDirectory.appending(path: "storage-torture")
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    private static var productDirectory: URL {
        URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
    }

    func readLine() throws -> String? {
        while true {
            if let end = pending.firstIndex(of: UInt8(ascii: "\n")) {
                defer { pending.removeSubrange(...end) }
                return String(decoding: pending[..<end], as: UTF8.self)
            }
            let bytes = output.fileHandleForReading.availableData
            guard !bytes.isEmpty else { return nil }
            pending += bytes
        }
    }

    /// Ends its input and waits for it.
    ///
    /// - Returns: its exit status, or minus the signal that killed it.
    func finish() throws -> Int32 {
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }
}
