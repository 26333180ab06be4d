using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Lava.Build.Unpacking;

/// <summary>
/// The text of a manifest: UTF-8 lines of columns that tabs separate. Nothing is escaped, since the policy lets no control
/// character into a tree.
/// <code>
/// lava-tree 1
/// d PATH TIME
/// f PATH TIME SIZE SHA256            a file; x if it is executable; then, for some, one of
///                      #!INTERPRETER
///                      elf LOADER NAME NEEDED…
/// l PATH TIME TARGET
/// sha256 DIGEST                      of all lines before
/// </code>
/// </summary>
internal static class ManifestText
{
    private const int DigestLength = 64;
    private const int TrailerLength = 72;
    private const string ElfMark = "elf";
    private const string InterpreterMark = "#!";

    private static ReadOnlySpan<byte> Header => "lava-tree\t1\n"u8;

    private static ReadOnlySpan<byte> Trailer => "sha256\t"u8;

    /// <summary>Writes entries, in their order.</summary>
    internal static byte[] Write(IReadOnlyList<TreeEntry> entries)
    {
        StringBuilder text = new(entries.Count * 160);
        foreach (TreeEntry entry in entries)
        {
            text.Append(Letter(entry)).Append('\t').Append(entry.Path).Append('\t').Append(entry.ModifiedSeconds);
            if (entry.Kind == EntryKind.Link)
            {
                text.Append('\t').Append(entry.LinkTarget);
            }
            else if (entry.Kind == EntryKind.File)
            {
                text.Append('\t').Append(entry.Size).Append('\t').Append(entry.Sha256);
                AppendFacts(text, entry);
            }

            text.Append('\n');
        }

        byte[] body = Encoding.UTF8.GetBytes(text.ToString());
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Header);
        hash.AppendData(body);
        byte[] digest = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(hash.GetHashAndReset()));
        return [.. Header, .. body, .. Trailer, .. digest, (byte)'\n'];
    }

    /// <summary>Reads entries.</summary>
    /// <exception cref="FormatException">It is not exactly what was written; the message says how that shows.</exception>
    internal static TreeEntry[] Read(ReadOnlySpan<byte> text)
    {
        if (text.Length < Header.Length + TrailerLength)
        {
            throw new FormatException("it is too short");
        }

        if (!text.StartsWith(Header))
        {
            throw new FormatException("it does not start with its format's version");
        }

        ReadOnlySpan<byte> trailer = text[^TrailerLength..];
        ReadOnlySpan<byte> lines = text[..^TrailerLength];
        string digest = Convert.ToHexStringLower(SHA256.HashData(lines));
        if (!trailer.StartsWith(Trailer)
            || !trailer.Slice(Trailer.Length, DigestLength).SequenceEqual(Encoding.ASCII.GetBytes(digest)) || trailer[^1] != '\n')
        {
            throw new FormatException("its last line is not the SHA-256 of the lines before");
        }

        lines = lines[Header.Length..];
        TreeEntry[] entries = new TreeEntry[lines.Count((byte)'\n')];
        for (int index = 0; index < entries.Length; index++)
        {
            int end = lines.IndexOf((byte)'\n');
            entries[index] = ReadLine(lines[..end]);
            lines = lines[(end + 1)..];
        }

        return lines.IsEmpty ? entries : throw new FormatException("a line is incomplete");
    }

    private static char Letter(TreeEntry entry) => entry.Kind switch
    {
        EntryKind.Directory => 'd',
        EntryKind.Link => 'l',
        _ => entry.Executable ? 'x' : 'f',
    };

    private static void AppendFacts(StringBuilder text, TreeEntry entry)
    {
        if (entry.Interpreter is { } interpreter)
        {
            text.Append('\t').Append(InterpreterMark).Append(interpreter);
        }
        else if (entry.Elf is { } elf)
        {
            text.Append('\t').Append(ElfMark).Append('\t').Append(elf.Loader).Append('\t').Append(elf.Name);
            foreach (string needed in elf.Needed)
            {
                text.Append('\t').Append(needed);
            }
        }
    }

    private static TreeEntry ReadLine(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> letter = Column(ref line);
        string path = Text(Column(ref line));
        long time = Number(Column(ref line));
        switch (letter.Length == 1 ? letter[0] : 0)
        {
            case (byte)'d':
                return new TreeEntry(path, EntryKind.Directory, ModifiedSeconds: time);
            case (byte)'l':
                return new TreeEntry(path, EntryKind.Link, ModifiedSeconds: time, LinkTarget: Text(Column(ref line)));
            case (byte)'f':
            case (byte)'x':
                TreeEntry file = new(
                    path, EntryKind.File, letter[0] == 'x', Number(Column(ref line)), time, Encoding.ASCII.GetString(Column(ref line)));
                return line.IsEmpty ? file : WithFacts(file, line);
            default:
                throw new FormatException("a line starts with no known letter");
        }
    }

    private static TreeEntry WithFacts(TreeEntry file, ReadOnlySpan<byte> line)
    {
        string mark = Text(Column(ref line));
        if (mark.StartsWith(InterpreterMark, StringComparison.Ordinal))
        {
            return file with { Interpreter = mark[InterpreterMark.Length..] };
        }

        if (mark != ElfMark)
        {
            throw new FormatException("a column is unknown");
        }

        string loader = Text(Column(ref line));
        string name = Text(Column(ref line));
        List<string> needed = [];
        while (!line.IsEmpty)
        {
            needed.Add(Text(Column(ref line)));
        }

        return file with { Elf = new ElfFacts(loader.Length == 0 ? null : loader, name.Length == 0 ? null : name, needed) };
    }

    /// <summary>Takes the next column off the line.</summary>
    private static ReadOnlySpan<byte> Column(ref ReadOnlySpan<byte> line)
    {
        int tab = line.IndexOf((byte)'\t');
        ReadOnlySpan<byte> column = tab < 0 ? line : line[..tab];
        line = tab < 0 ? [] : line[(tab + 1)..];
        return column;
    }

    private static string Text(ReadOnlySpan<byte> column) => Encoding.UTF8.GetString(column);

    private static long Number(ReadOnlySpan<byte> column) =>
        Utf8Parser.TryParse(column, out long value, out int used) && used == column.Length && used > 0
            ? value
            : throw new FormatException("a number is malformed");
}
