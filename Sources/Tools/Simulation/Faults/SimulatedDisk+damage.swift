import Cluster
import Consensus
import EventSourcing
import LogFormat

extension SimulatedDisk {
    /// Flips one bit of what is stored.
    ///
    /// - Parameter rows: whether rows and headers may be hit too. A running node reads those without a way to stop but
    ///   the process itself, which a simulation cannot end.
    func flipBit(_ random: inout Generator, rows: Bool) {
        damage { shards in
            let shard = random.below(shards.count)
            let entries = shards[shard].entries.count
            let choices = entries + (rows ? shards[shard].rows.count + 1 : 0)
            guard choices > 0 else { return }
            let choice = random.below(choices)
            if choice < entries {
                Self.flip(&shards[shard].entries[choice], &random)
            } else if choice - entries < shards[shard].rows.count {
                Self.flip(&shards[shard].rows[choice - entries].value, &random)
            } else {
                Self.flip(&shards[shard].header, &random)
            }
        }
    }

    private static func flip(_ bytes: inout [UInt8], _ random: inout Generator) {
        bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
    }

    /// A crash in the middle of a write: it is there, but for the end of its last value.
    func tear(_ writes: [ShardWrite], _ random: inout Generator) throws(FormatDamage) {
        for write in writes { try perform(write) }
        guard let last = writes.last(where: { $0.log?.entries.isEmpty == false }) else { return }
        damage { shards in
            let shard = Int(last.shard.rawValue)
            guard var bytes = shards[shard].entries.last else { return }
            let cut = random.below(bytes.count)
            // What was not written shows what was there before.
            for position in cut..<bytes.count { bytes[position] = 0 }
            shards[shard].entries[shards[shard].entries.count - 1] = bytes
        }
    }
}
