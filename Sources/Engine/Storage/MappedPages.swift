import Foundation

/// The pages of the database that are mapped into this process.
///
/// LMDB maps its file, and what was once read stays mapped as long as the system has memory. It counts as the process's
/// own there: the killer of processes without memory looks at it, and so do people. So it is given back past a limit:
/// the pages stay in the system's cache, and the next reader maps what it needs again.
struct MappedPages: Sendable {
    private let address: UInt
    private let count: Int

    /// Finds where the file at `path` is mapped; nil where the system does not say.
    init?(of path: String) {
        guard let maps = Self.text(of: "/proc/self/maps") else { return nil }
        // address-address permissions offset device inode path
        guard let line = maps.split(separator: "\n").first(where: { $0.hasSuffix(" " + path) }) else { return nil }
        let ends = line.prefix { $0 != " " }.split(separator: "-").compactMap { UInt($0, radix: 16) }
        guard ends.count == 2, ends[0] < ends[1] else { return nil }
        (address, count) = (ends[0], Int(ends[1] - ends[0]))
    }

    /// Such files have no size: `String(contentsOfFile:)` takes their first few kilobytes for the whole.
    private static func text(of path: String) -> String? {
        let bytes = try? FileHandle(forReadingAtPath: path)?.readToEnd()
        return bytes.map { String(decoding: $0, as: UTF8.self) }
    }

    /// Bytes of files that are mapped and in memory, this one's and all others.
    static var residentBytes: Int? {
        // size resident shared text lib data dt, in pages
        guard let text = text(of: "/proc/self/statm") else { return nil }
        let fields = text.split(separator: " ").compactMap { Int($0) }
        return fields.count > 2 ? fields[2] * Int(sysconf(Int32(_SC_PAGESIZE))) : nil
    }

    /// Gives the pages back. Readers at work go on: they map what they touch again.
    func release() {
        // The map is shared and only read through, so nothing is lost.
        _ = madvise(UnsafeMutableRawPointer(bitPattern: address), count, Int32(MADV_DONTNEED))
    }
}
