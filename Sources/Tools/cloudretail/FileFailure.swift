import Foundation

/// An error of Foundation about a file, in a line.
struct FileFailure: Error, CustomStringConvertible {
    let description: String

    /// - Returns: nil for any other error, which has words of its own.
    init?(_ error: any Error) {
        guard let error = error as? CocoaError else { return nil }
        let reason = (error.underlying as? POSIXError).map { String(cString: strerror($0.code.rawValue)) }
        let path = error.filePath ?? error.url?.path
        description = [path, reason ?? error.localizedDescription].compactMap(\.self).joined(separator: ": ")
    }
}
