import Foundation

/// Starts programs that go on when the command that started them ends.
enum DetachedProcess {
    struct Failure: Error, CustomStringConvertible {
        let program: String
        let code: Int32
        var description: String { "\(program) cannot be started: \(String(cString: strerror(code)))" }
    }

    /// The folder of the program that runs, where the others lie too.
    static func sibling(_ name: String) -> String {
        let own = Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0])
        return own.resolvingSymlinksInPath().deletingLastPathComponent().appending(path: name).path
    }

    /// POSIX_SPAWN_SETSID, which glibc's headers show to programs with GNU's extensions alone.
    #if canImport(Glibc)
        private static let sessionOfItsOwn: Int16 = 0x80
    #else
        private static let sessionOfItsOwn = Int16(POSIX_SPAWN_SETSID)
    #endif

    /// Starts a program in a session of its own, with no signal blocked or ignored and nothing to read.
    ///
    /// - Parameter log: the file that takes what it says and complains of, after what is there.
    static func start(_ program: String, _ arguments: [String], log: String) throws -> ProcessIdentity {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var (none, all) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(
            &attributes, sessionOfItsOwn | Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        keepOpenFiles()
        var pid: pid_t = 0
        let code = posix_spawn(&pid, program, &actions, &attributes, &words, environ)
        guard code == 0 else { throw Failure(program: program, code: code) }
        guard let identity = ProcessIdentity(pid: pid) else { throw Failure(program: program, code: ESRCH) }
        return identity
    }

    /// Files that this process was given open stay with it: the program that waits for their end would otherwise wait
    /// for that of the nodes.
    private static func keepOpenFiles() {
        let open = (try? FileManager.default.contentsOfDirectory(atPath: "/dev/fd")) ?? []
        for descriptor in open.compactMap({ Int32($0) }) where descriptor > STDERR_FILENO {
            _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        }
    }
}
