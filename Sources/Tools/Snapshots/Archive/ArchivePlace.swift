/// Where the files of an archive are. Each is there as a whole or not at all, and is never changed.
public protocol ArchivePlace: Sendable {
    /// For people.
    var description: String { get }
    /// A folder of this machine in which files are made that are to be put there.
    var workshop: String { get }
    /// What its snapshots and its log are encrypted with; nil where they are not.
    var key: SnapshotKey? { get }
    /// What is committed within it goes into one file, and is lost with the cluster.
    var shipPause: Duration { get }

    /// Of all files that are there; what is no file of an archive is left out.
    func names() async throws -> [ArchiveName]

    /// A file on this machine that holds what is there under `name`.
    func file(_ name: ArchiveName) async throws -> String

    /// The header of a snapshot that is there.
    func header(_ name: ArchiveName) async throws -> SnapshotHeader

    /// Puts a whole file of the workshop there, under a name that may be taken already by the same. The file is the
    /// place's from then on.
    func put(_ name: ArchiveName, file: String) async throws

    /// Takes a file away, if it is there.
    func remove(_ name: ArchiveName) async throws
}
