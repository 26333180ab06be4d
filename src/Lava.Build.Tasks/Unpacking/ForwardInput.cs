using System.Buffers;

namespace Lava.Build.Unpacking;

/// <summary>Reads a stream from front to end in big pieces, and closes it in the end.</summary>
internal sealed class ForwardInput(Stream stream) : IDisposable
{
    internal const int BufferSize = 128 << 10;

    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
    private bool _disposed;
    private int _start;
    private int _end;

    /// <summary>Whether the stream has said that nothing more comes.</summary>
    internal bool AtEnd { get; private set; }

    /// <summary>Fills <paramref name="target"/>; fewer bytes only at the end.</summary>
    internal async ValueTask<int> FillAsync(Memory<byte> target, CancellationToken cancellation)
    {
        int filled = 0;
        while (filled < target.Length)
        {
            Memory<byte> rest = target[filled..];
            if (_start < _end)
            {
                int count = Math.Min(rest.Length, _end - _start);
                _buffer.AsMemory(_start, count).CopyTo(rest);
                _start += count;
                filled += count;
            }
            else if (rest.Length >= BufferSize / 2)
            {
                int count = await stream.ReadAsync(rest, cancellation);
                filled += count;
                if (count == 0)
                {
                    AtEnd = true;
                    break;
                }
            }
            else if (!await RefillAsync(cancellation))
            {
                break;
            }
        }

        return filled;
    }

    /// <summary>Passes over <paramref name="count"/> bytes; returns how many there were.</summary>
    internal async ValueTask<long> SkipAsync(long count, CancellationToken cancellation)
    {
        long skipped = 0;
        while (skipped < count && (_start < _end || await RefillAsync(cancellation)))
        {
            int step = (int)Math.Min(count - skipped, _end - _start);
            _start += step;
            skipped += step;
        }

        return skipped;
    }

    public void Dispose()
    {
        if (!_disposed)
        {
            // A buffer given back twice would be lent to two.
            _disposed = true;
            ArrayPool<byte>.Shared.Return(_buffer);
            stream.Dispose();
        }
    }

    private async ValueTask<bool> RefillAsync(CancellationToken cancellation)
    {
        _start = 0;
        _end = await stream.ReadAsync(_buffer.AsMemory(0, BufferSize), cancellation);
        AtEnd = _end == 0;
        return !AtEnd;
    }
}
