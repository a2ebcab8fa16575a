import Foundation

/// Why a file cannot be used at all.
public enum InputFault: Error, Equatable, CustomStringConvertible {
    case unreadable(path: String, reason: String)
    case notGzip(path: String, reason: String)
    case empty(path: String)
    /// The hint says what the header may mean by its names.
    case missingColumns([String], hint: String?)
    case repeatedColumn(String)
    case unknownColumns([String], known: [String], hint: String?)
    case malformedHeader(CSVFault)

    public var description: String {
        switch self {
        case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
        case .notGzip(let path, let reason): "cannot decompress \(path): \(reason)"
        case .empty(let path): "\(path) is empty"
        case .missingColumns(let names, let hint):
            "the header has no column named \(names.joined(separator: ", "))" + Self.appended(hint)
        case .repeatedColumn(let name): "the header names the column \(name) twice"
        case .unknownColumns(let names, let known, let hint):
            "the header has columns that mean nothing here: \(names.joined(separator: ", ")); known are "
                + known.joined(separator: ", ") + Self.appended(hint)
        case .malformedHeader(let fault): "the header cannot be read: \(fault)"
        }
    }

    private static func appended(_ hint: String?) -> String { hint.map { "; \($0)" } ?? "" }
}

/// The bytes of a file in pieces; one that ends in `.gz` is decompressed by the system's gzip on the way.
///
/// Reads block the calling thread. They are short: a local file, or a pipe that gzip fills faster than we parse.
public final class InputFile {
    /// Large enough that system calls do not show, small enough that memory does not either.
    private static let chunkBytes = 64 * 1024

    private let path: String
    private let handle: FileHandle
    private let gzip: Process?
    private let gzipErrors: Pipe?

    /// - Throws: ``InputFault/unreadable(path:reason:)`` when the file is missing, a folder or may not be read.
    public init(path: String) throws(InputFault) {
        self.path = path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw .unreadable(path: path, reason: "there is no such file")
        }
        guard !isFolder.boolValue else { throw .unreadable(path: path, reason: "it is a folder") }
        guard let file = FileHandle(forReadingAtPath: path) else {
            throw .unreadable(path: path, reason: "permission denied")
        }
        guard path.hasSuffix(".gz") else {
            (handle, gzip, gzipErrors) = (file, nil, nil)
            return
        }
        let process = Process()
        let (output, errors) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc"]
        process.standardInput = file
        process.standardOutput = output
        process.standardError = errors
        do {
            try process.run()
        } catch {
            throw .unreadable(path: path, reason: "gzip cannot be started: \(error.localizedDescription)")
        }
        (handle, gzip, gzipErrors) = (output.fileHandleForReading, process, errors)
    }

    deinit {
        if let gzip, gzip.isRunning { gzip.terminate() }
    }

    /// The next piece, nil at the end.
    ///
    /// - Throws: ``InputFault/notGzip(path:reason:)`` at the end of a file that gzip found damaged, so that a truncated
    ///   file is never taken for a shorter one.
    public func read() throws(InputFault) -> [UInt8]? {
        let data: Data?
        do {
            data = try handle.read(upToCount: Self.chunkBytes)
        } catch {
            throw .unreadable(path: path, reason: error.localizedDescription)
        }
        if let data, !data.isEmpty { return [UInt8](data) }
        if let gzip, let gzipErrors {
            let message = String(decoding: gzipErrors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            gzip.waitUntilExit()
            guard gzip.terminationStatus == 0 else {
                throw .notGzip(path: path, reason: message.trimmed.replacing("\n", with: " "))
            }
        }
        return nil
    }
}
