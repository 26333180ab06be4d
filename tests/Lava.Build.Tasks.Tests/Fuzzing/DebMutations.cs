using System.Text;

namespace Lava.Build.Tests.Fuzzing;

/// <summary>Changes to the members of an ar archive, as Debian packages are: their order, names and sizes.</summary>
internal static class DebMutations
{
    private const int HeaderSize = 60;
    private static readonly string[] Names =
        ["debian-binary", "control.tar", "control.tar.gz", "data.tar", "data.tar.xz", "data.tar.zst", "data.tar.gz", "_extra", "../../x", "//", "/0", "#1/20", "", "data.tar/"];

    internal static byte[] Mutate(Random random, byte[] bytes)
    {
        List<(byte[] Header, byte[] Content)> members = Members(bytes);
        if (members.Count == 0)
        {
            return bytes;
        }

        int one = random.Next(members.Count);
        int other = random.Next(members.Count);
        switch (random.Next(5))
        {
            case 0:
                (members[one], members[other]) = (members[other], members[one]);
                break;
            case 1:
                members.RemoveAt(one);
                break;
            case 2:
                members.Insert(other, members[one]);
                break;
            case 3:
                Put(members[one].Header, 0, 16, ByteMutations.One(random, Names));
                break;
            default:
                Put(members[one].Header, 48, 10, ByteMutations.Number(random).ToString(System.Globalization.CultureInfo.InvariantCulture));
                break;
        }

        return [.. "!<arch>\n"u8, .. members.SelectMany(member => (byte[])[.. member.Header, .. member.Content])];
    }

    private static List<(byte[] Header, byte[] Content)> Members(byte[] bytes)
    {
        List<(byte[], byte[])> members = [];
        int at = 8;
        while (at + HeaderSize <= bytes.Length
            && int.TryParse(Encoding.ASCII.GetString(bytes, at + 48, 10), out int size) && size >= 0 && size <= bytes.Length - at - HeaderSize)
        {
            int end = Math.Min(bytes.Length, at + HeaderSize + size + (size & 1));
            members.Add((bytes[at..(at + HeaderSize)], bytes[(at + HeaderSize)..end]));
            at = end;
        }

        return members;
    }

    private static void Put(byte[] header, int at, int size, string text) =>
        Encoding.ASCII.GetBytes(text.PadRight(size)[..size]).CopyTo(header, at);
}
