using System.IO.Compression;

namespace Lava.Build.Unpacking;

/// <summary>
/// Reads gzip (RFC 1952), also of several members, to its very end. zlib checks the length and checksum behind each member, but .NET
/// takes a file that ends before them, and passes over what is no member. So a member of known content is put behind the file: it
/// comes out at the end exactly if all before it was whole.
/// </summary>
internal sealed class GzipInput(Stream file) : ForwardStream
{
    private const int MarkSize = 16;

    private static readonly byte[] Mark = "gzip ends here.\n"u8.ToArray();
    private static readonly byte[] MarkMember = Pack(Mark);

    private readonly GZipStream _content = new(new WithMark(file), CompressionMode.Decompress);

    /// <summary>The last bytes that came, which are the mark if nothing comes any more.</summary>
    private readonly byte[] _held = new byte[MarkSize];
    private int _heldCount;

    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            int count = _content.Read(buffer);
            if (count == 0)
            {
                return AtEnd();
            }

            if (Exchange(buffer[..count]) is > 0 and int ready)
            {
                return ready;
            }
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _content.Dispose();
        }

        base.Dispose(disposing);
    }

    private int AtEnd() => _heldCount == MarkSize && _held.AsSpan().SequenceEqual(Mark)
        ? 0
        : throw new InvalidDataException("it was cut off, or something that is no gzip follows its end");

    /// <summary>Puts what was held before what has come, and holds the last of it; returns how many bytes are left to give away.</summary>
    private int Exchange(Span<byte> come)
    {
        Span<byte> last = stackalloc byte[MarkSize];
        int ready = Math.Max(0, _heldCount + come.Length - MarkSize);
        int fromHeld = Math.Min(ready, _heldCount);
        int fromCome = ready - fromHeld;
        int kept = _heldCount - fromHeld;
        _held.AsSpan(fromHeld, kept).CopyTo(last);
        come[fromCome..].CopyTo(last[kept..]);
        come[..fromCome].CopyTo(come[fromHeld..]);
        _held.AsSpan(0, fromHeld).CopyTo(come);
        _heldCount = kept + come.Length - fromCome;
        last[.._heldCount].CopyTo(_held);
        return ready;
    }

    private static byte[] Pack(byte[] content)
    {
        using MemoryStream packed = new();
        using (GZipStream gzip = new(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(content);
        }

        return packed.ToArray();
    }

    /// <summary>The file, and then the mark.</summary>
    private sealed class WithMark(Stream file) : ForwardStream
    {
        private int _position;

        public override int Read(Span<byte> buffer) => file.Read(buffer) is > 0 and int count ? count : ReadMark(buffer);

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                file.Dispose();
            }

            base.Dispose(disposing);
        }

        private int ReadMark(Span<byte> buffer)
        {
            ReadOnlySpan<byte> rest = MarkMember.AsSpan(_position);
            int count = Math.Min(rest.Length, buffer.Length);
            rest[..count].CopyTo(buffer);
            _position += count;
            return count;
        }
    }
}
