import EventSourcing
import Storage

extension SnapshotFile {
    /// Writes one stretch of the log that is as long as several together.
    ///
    /// - Parameter stretches: at least one; each goes on where the one before it ends.
    static func join(_ stretches: [SnapshotFile], to output: OutputFile) throws {
        let (first, last) = (stretches[0].header, stretches[stretches.count - 1].header)
        let header = SnapshotHeader(
            file: .random(in: .min ... .max), cluster: last.cluster, node: last.node, takenAt: last.takenAt,
            program: last.program,
            shards: zip(first.shards, last.shards).map { first, last in
                LogBounds(base: first.base, end: last.end, checkpoint: .zero)
            })
        var encoder = SnapshotEncoder(header)
        try output.append(encoder.beginning)
        for shard in header.shards.indices {
            let shard = ShardID(UInt16(shard))
            for stretch in stretches {
                for number in stretch.numbers(.entries, of: shard) {
                    try output.append(encoder.chunk(try stretch.entries(of: number), of: shard))
                }
            }
        }
        try output.append(encoder.end())
    }
}
