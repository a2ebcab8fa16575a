import Foundation

/// Which batches of an import are done, in a small file beside the catalogue: `FILE.csv.progress`.
///
/// The first line names the content of the catalogue and the gateway; each further one a batch that the gateway has
/// answered without refusing anything, and one SKU of it. A half-written last line is a batch not done. Losing the file
/// costs time and nothing else, because every request of an import has a key of its own.
actor ImportProgress {
    private let path: String
    private let header: String
    private var handle: FileHandle?
    /// The SKU that stands for each batch done.
    private(set) var done: [Int: String] = [:]

    init(path: String, digest: String, address: GatewayAddress) {
        self.path = path
        header = "cloudretail import 1 \(digest) \(address)"
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.first.map(String.init) == header else { return }
        for line in lines.dropFirst().dropLast() {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, let batch = Int(parts[0]) else { continue }
            done[batch] = String(parts[1])
        }
    }

    /// Forgets everything, for a gateway that does not know what was done.
    func forget() { done = [:] }

    /// Begins the file anew with what is done so far.
    func open() throws {
        let lines = [header] + done.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(fileURLWithPath: path), options: .atomic)
        handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try handle?.seekToEnd()
    }

    func finish(_ batch: Int, sku: String) throws {
        done[batch] = sku
        try handle?.write(contentsOf: Data("\(batch) \(sku)\n".utf8))
    }

    /// The import is complete and has nothing to resume.
    func remove() throws {
        try handle?.close()
        try FileManager.default.removeItem(atPath: path)
    }
}
