using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace Lava.Build.Services.Supervision;

/// <summary>Makes lines of bytes as they come. May be read from any thread.</summary>
internal sealed partial class OutputLines(Action<string> onLine)
{
    private const int Longest = 64 * 1024;
    private const int Last = 20;
    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new();
    private readonly ArrayBufferWriter<byte> _partial = new();

    /// <summary>The last 20 lines.</summary>
    internal IReadOnlyList<string> LastLines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    /// <summary>Those of them that have the form <c>LAVAnnnn: text</c>, by which programs of the instance say what is wrong.</summary>
    internal IReadOnlyList<(string Code, string Text)> Coded =>
    [
        .. LastLines.Select(line => CodedPattern().Match(line))
            .Where(match => match.Success)
            .Select(match => (match.Groups["code"].Value, match.Groups["text"].Value)),
    ];

    /// <summary>Takes what came. A line that is too long is broken.</summary>
    internal void Add(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            int end = bytes.IndexOf((byte)'\n');
            int take = Math.Min(end < 0 ? bytes.Length : end, Longest - _partial.WrittenCount);
            _partial.Write(bytes[..take]);
            bytes = bytes[take..];
            if (!bytes.IsEmpty && bytes[0] == '\n')
            {
                bytes = bytes[1..];
                Complete();
            }
            else if (_partial.WrittenCount == Longest)
            {
                Complete();
            }
        }
    }

    /// <summary>No more comes: what there is of a line is one.</summary>
    internal void End()
    {
        if (_partial.WrittenCount > 0)
        {
            Complete();
        }
    }

    private void Complete()
    {
        string line = Encoding.UTF8.GetString(_partial.WrittenSpan).TrimEnd('\r');
        _partial.ResetWrittenCount();
        lock (_gate)
        {
            _lines.Enqueue(line);
            if (_lines.Count > Last)
            {
                _lines.Dequeue();
            }
        }

        onLine(line);
    }

    [GeneratedRegex(@"\A(?:.*: error )?(?<code>LAVA[0-9]{4}): (?<text>.+)\z")]
    private static partial Regex CodedPattern();
}
