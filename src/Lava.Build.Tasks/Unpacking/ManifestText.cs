using System.Buffers;
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

    /// <summary>Of most lines, bytes.</summary>
    private const int LineEstimate = 160;

    /// <summary>Of a 64-bit number, with its sign.</summary>
    private const int DigitsLimit = 20;
    private const string ElfMark = "elf";
    private const string InterpreterMark = "#!";

    private static ReadOnlySpan<byte> Header => "lava-tree\t1\n"u8;

    private static ReadOnlySpan<byte> Trailer => "sha256\t"u8;

    /// <summary>Writes entries, in their order.</summary>
    internal static ReadOnlySpan<byte> Write(IReadOnlyList<TreeEntry> entries)
    {
        ArrayBufferWriter<byte> text = new((entries.Count + 1) * LineEstimate);
        text.Write(Header);
        foreach (TreeEntry entry in entries)
        {
            text.Write(Letter(entry));
            Append(text, entry.Path);
            Append(text, entry.ModifiedSeconds);
            if (entry.Kind == EntryKind.Link)
            {
                Append(text, entry.LinkTarget);
            }
            else if (entry.Kind == EntryKind.File)
            {
                Append(text, entry.Size);
                Append(text, entry.Sha256);
                AppendFacts(text, entry);
            }

            text.Write("\n"u8);
        }

        string digest = Convert.ToHexStringLower(SHA256.HashData(text.WrittenSpan));
        text.Write(Trailer);
        Encoding.ASCII.GetBytes(digest, text);
        text.Write("\n"u8);
        return text.WrittenSpan;
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
        HashSet<string> directories = new(StringComparer.Ordinal);
        for (int index = 0; index < entries.Length; index++)
        {
            int end = lines.IndexOf((byte)'\n');
            entries[index] = ReadLine(lines[..end]);
            CheckParent(entries[index], directories);
            lines = lines[(end + 1)..];
        }

        return lines.IsEmpty ? entries : throw new FormatException("a line is incomplete");
    }

    private static ReadOnlySpan<byte> Letter(TreeEntry entry) => entry.Kind switch
    {
        EntryKind.Directory => "d"u8,
        EntryKind.Link => "l"u8,
        _ => entry.Executable ? "x"u8 : "f"u8,
    };

    private static void AppendFacts(ArrayBufferWriter<byte> text, TreeEntry entry)
    {
        if (entry.Interpreter is { } interpreter)
        {
            Append(text, InterpreterMark);
            Encoding.UTF8.GetBytes(interpreter, text);
        }
        else if (entry.Elf is { } elf)
        {
            Append(text, ElfMark);
            Append(text, elf.Loader);
            Append(text, elf.Name);
            foreach (string needed in elf.Needed)
            {
                Append(text, needed);
            }
        }
    }

    /// <summary>Begins a column.</summary>
    private static void Append(ArrayBufferWriter<byte> text, string? column)
    {
        text.Write("\t"u8);
        Encoding.UTF8.GetBytes(column, text);
    }

    private static void Append(ArrayBufferWriter<byte> text, long column)
    {
        text.Write("\t"u8);
        Span<byte> digits = text.GetSpan(DigitsLimit);
        _ = Utf8Formatter.TryFormat(column, digits, out int count);
        text.Advance(count);
    }

    private static TreeEntry ReadLine(ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> letter = Column(ref line);
        string path = PathText(Column(ref line));
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

    // Whoever links by a manifest would follow a link that stands in the place of a directory.
    private static void CheckParent(TreeEntry entry, HashSet<string> directories)
    {
        int slash = entry.Path.LastIndexOf('/');
        if (slash > 0 && !directories.GetAlternateLookup<ReadOnlySpan<char>>().Contains(entry.Path.AsSpan(0, slash)))
        {
            throw new FormatException("a path is in no directory of the tree");
        }

        if (entry.Kind == EntryKind.Directory)
        {
            directories.Add(entry.Path);
        }
    }

    // Its digest keeps nobody from writing one: whoever links by it must stay in the tree.
    private static string PathText(ReadOnlySpan<byte> column)
    {
        foreach (Range range in column.Split((byte)'/'))
        {
            if (column[range].IsEmpty || column[range].SequenceEqual("."u8) || column[range].SequenceEqual(".."u8))
            {
                throw new FormatException("a path is none of a tree");
            }
        }

        return Text(column);
    }

    private static string Text(ReadOnlySpan<byte> column) => Encoding.UTF8.GetString(column);

    private static long Number(ReadOnlySpan<byte> column) =>
        Utf8Parser.TryParse(column, out long value, out int used) && used == column.Length && used > 0
            ? value
            : throw new FormatException("a number is malformed");
}
