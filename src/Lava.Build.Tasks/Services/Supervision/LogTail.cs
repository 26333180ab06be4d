using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Services.Supervision;

/// <summary>Reads what programs write to a log by themselves.</summary>
internal sealed class LogTail(ServiceLog log, OutputLines lines)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private readonly byte[] _buffer = new byte[16 * 1024];
    private long _position = log.Length;

    /// <summary>Reads until <paramref name="end"/>, and then what there is left.</summary>
    internal async Task RunAsync(CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            Read();
            log.RotateInPlace();
            await Task.Delay(Interval, end).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Read();
        lines.End();
    }

    private void Read()
    {
        try
        {
            using SafeFileHandle? file = log.OpenForReading();
            if (file is null)
            {
                return;
            }

            // What is written meanwhile is for the next time: this must end before the log can be rotated.
            long length = RandomAccess.GetLength(file);
            if (length < _position)
            {
                _position = 0;
            }

            int count;
            while (_position < length && (count = RandomAccess.Read(file, _buffer, _position)) > 0)
            {
                lines.Add(_buffer.AsSpan(0, count));
                _position += count;
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The log says once that it cannot be used.
        }
    }
}
