import Foundation

/// What the nodes of a cluster run: one version of the program, or what passes for one.
struct Program: Sendable {
    /// A path, or the name of a program of ours.
    let path: String
    /// What its nodes find in their environment.
    let settings: [String: String]

    static let ours = Program(path: "cloudretail", settings: [:])

    /// What an upgrade begins with: the program in the folder that `UPGRADE_FROM` names, or else ours, passing for one
    /// that reads nothing new.
    static var earlier: Program {
        guard let folder = ProcessInfo.processInfo.environment["UPGRADE_FROM"] else {
            return Program(path: ours.path, settings: ["CLOUDRETAIL_PLANTED_BUGS": "readsFirstVersionOnly"])
        }
        return Program(path: folder + "/cloudretail", settings: [:])
    }
}
