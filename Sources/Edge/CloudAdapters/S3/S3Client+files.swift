import Foundation

extension S3Client {
    /// Writes a file as one object, whole or not at all, in parts where it has more than one.
    ///
    /// - Parameter replacing: whether an object of that name may be replaced.
    /// - Throws: `alreadyThere` when it may not, and is there.
    public func upload(
        file path: String, to location: S3Location, _ head: S3ObjectHead = S3ObjectHead(), replacing: Bool = true
    ) async throws(CloudFailure) {
        let source = try SourceFile(path)
        defer { source.close() }
        guard source.size > Self.partBytes else {
            return try await put(try source.read(source.size), to: location, head, replacing: replacing)
        }
        // Before all the parts; the end looks again.
        if !replacing, try await self.head(location) != nil { throw .alreadyThere(location.description) }
        let upload = try await MultipartUpload(to: location, head, over: self)
        do throws(CloudFailure) {
            let partBytes = MultipartUpload.partBytes(for: source.size)
            var rest = source.size
            while rest > 0 {
                try await upload.add(try source.read(min(partBytes, rest)))
                rest -= min(partBytes, rest)
            }
            try await upload.complete(replacing: replacing)
        } catch {
            await upload.abort()
            throw error
        }
    }

    /// Reads an object into a new file of mode 0600. Where it fails no file is left.
    ///
    /// - Throws: `refused` with status 404 when there is no such object, and when it is replaced meanwhile.
    public func download(_ location: S3Location, to path: String) async throws(CloudFailure) {
        guard let object = try await head(location) else {
            throw .refused(CloudRefusal(status: 404, code: "NoSuchKey", message: location.description))
        }
        let target = try TargetFile(path)
        do throws(CloudFailure) {
            var done: Int64 = 0
            while done < object.size {
                let end = min(done + Int64(Self.partBytes), object.size)
                try target.append(try await get(location, range: done..<end, of: object.tag))
                done = end
            }
            try target.finish()
        } catch {
            target.abandon()
            throw error
        }
    }
}

/// A file that is read from its beginning to its end.
private struct SourceFile {
    let size: Int
    private let path: String
    private let handle: FileHandle

    init(_ path: String) throws(CloudFailure) {
        self.path = path
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw .file(path: path, reason: "cannot be opened")
        }
        self.handle = handle
        do {
            size = Int(try handle.seekToEnd())
            try handle.seek(toOffset: 0)
        } catch {
            throw .file(path: path, reason: "cannot be read")
        }
    }

    func close() { try? handle.close() }

    /// The next bytes, all of them.
    func read(_ count: Int) throws(CloudFailure) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count)
        while bytes.count < count {
            guard let piece = try? handle.read(upToCount: count - bytes.count), !piece.isEmpty else {
                throw .file(path: path, reason: "became shorter while it was read")
            }
            bytes += piece
        }
        return bytes
    }
}

/// A file that is written from its beginning to its end.
private struct TargetFile {
    private let path: String
    private let handle: FileHandle

    init(_ path: String) throws(CloudFailure) {
        self.path = path
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .file(path: path, reason: String(cString: strerror(errno))) }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    func append(_ bytes: [UInt8]) throws(CloudFailure) {
        do { try handle.write(contentsOf: Data(bytes)) } catch { throw .file(path: path, reason: "\(error)") }
    }

    func finish() throws(CloudFailure) {
        do { try handle.close() } catch { throw .file(path: path, reason: "\(error)") }
    }

    func abandon() {
        try? handle.close()
        unlink(path)
    }
}
