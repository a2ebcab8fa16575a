import Foundation

/// A file of text that a command is given.
enum TextFile {
    struct Unreadable: Error, CustomStringConvertible {
        let path: String
        let reason: String
        var description: String { "\(path) cannot be read: \(reason)" }
    }

    static func read(_ path: String) throws(Unreadable) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Unreadable(path: path, reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        do {
            let bytes = try FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).readToEnd() ?? Data()
            guard let text = String(data: bytes, encoding: .utf8) else {
                throw Unreadable(path: path, reason: "It is not UTF-8.")
            }
            return text
        } catch let error as Unreadable {
            throw error
        } catch {
            throw Unreadable(path: path, reason: "It is no file of text.")
        }
    }
}
