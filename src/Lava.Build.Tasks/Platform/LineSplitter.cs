using System.Text;

namespace Lava.Build.Platform;

/// <summary>Makes lines of characters as they come, as <see cref="TextReader.ReadLine"/> does; but one that is too long to be kept is broken.</summary>
internal sealed class LineSplitter(Action<string> onLine)
{
    private const int Longest = 64 * 1024;
    private readonly StringBuilder _line = new();
    private bool _afterReturn;

    /// <summary>Takes what came.</summary>
    internal void Add(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            if (_afterReturn && text[0] == '\n')
            {
                text = text[1..];
                _afterReturn = false;
                continue;
            }

            _afterReturn = false;
            int end = text.IndexOfAny('\r', '\n');
            int take = Math.Min(end < 0 ? text.Length : end, Longest - _line.Length);
            _line.Append(text[..take]);
            if (take == end)
            {
                _afterReturn = text[take] == '\r';
                take++;
                Complete();
            }
            else if (_line.Length == Longest)
            {
                Complete();
            }

            text = text[take..];
        }
    }

    /// <summary>No more comes: what there is of a line is one.</summary>
    internal void End()
    {
        if (_line.Length > 0)
        {
            Complete();
        }
    }

    private void Complete()
    {
        string line = _line.ToString();
        _line.Clear();
        onLine(line);
    }
}
