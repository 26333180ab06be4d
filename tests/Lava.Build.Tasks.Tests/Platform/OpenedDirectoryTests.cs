using System.Text;
using Lava.Build.Platform;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Tests.Platform;

[TestClass]
public sealed class OpenedDirectoryTests
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    [TestMethod]
    public void What_is_made_by_it_stands_in_it_even_if_it_was_renamed_meanwhile()
    {
        using TemporaryDirectory temporary = new();
        string path = Directory.CreateDirectory(Path.Combine(temporary.Path, "one")).FullName;
        using OpenedDirectory opened = OpenedDirectory.Open(path);
        Directory.Move(path, Path.Combine(temporary.Path, "two"));
        Directory.CreateDirectory(path);
        opened.MakeDirectory("d", Mode);
        using (SafeFileHandle file = opened.CreateFile("d/f", Mode))
        {
            opened.Write(file, "words"u8, "d/f");
            opened.SetModified(file, 86_400, "d/f");
        }

        opened.SymbolicLink("f", "d/l");
        opened.SetModified("d/l", 172_800);
        opened.SetMode("d", UnixFileMode.UserRead | UnixFileMode.UserExecute);

        Assert.IsEmpty(Directory.GetFileSystemEntries(path));
        string two = Path.Combine(temporary.Path, "two");
        Assert.AreEqual("words", File.ReadAllText(Path.Combine(two, "d/l")));
        Assert.AreEqual(86_400, opened.Status("d/f")!.Value.ModifiedSeconds);
        Assert.AreEqual(172_800, opened.Status("d/l")!.Value.ModifiedSeconds);
        Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserExecute, opened.Status("d")!.Value.Mode);
        Assert.IsNull(opened.Status("nothing"));
        Assert.IsNull(opened.Status("d/f/below"));
        opened.SetMode("d", Mode);
    }

    [TestMethod]
    public void A_file_a_link_and_nothing_are_no_directory()
    {
        using TemporaryDirectory temporary = new();
        string file = Path.Combine(temporary.Path, "file");
        File.WriteAllText(file, "");
        string link = Path.Combine(temporary.Path, "link");
        File.CreateSymbolicLink(link, temporary.Path);
        string nothing = Path.Combine(temporary.Path, "nothing");
        foreach ((string path, int error) in (ReadOnlySpan<(string, int)>)[(file, Posix.ENOTDIR), (link, Posix.ENOTDIR), (nothing, Posix.ENOENT)])
        {
            Assert.IsNull(OpenedDirectory.TryOpen(path), path);
            IOException failure = Assert.ThrowsExactly<IOException>(() => OpenedDirectory.Open(path));
            Assert.AreEqual(error, failure.HResult, path);
            StringAssert.StartsWith(failure.Message, path + ": ");
        }
    }

    [TestMethod]
    public void A_failure_names_the_whole_path()
    {
        using TemporaryDirectory temporary = new();
        using OpenedDirectory opened = OpenedDirectory.Open(temporary.Path);
        opened.MakeDirectory("d", Mode);
        foreach ((Action<string> call, int error) in (ReadOnlySpan<(Action<string>, int)>)
            [
                (path => opened.MakeDirectory(path, Mode), Posix.EEXIST),
                (path => opened.CreateFile(path, Mode).Dispose(), Posix.EEXIST),
                (path => opened.SymbolicLink("x", path), Posix.EEXIST),
                (path => opened.SetMode(path + "/x", Mode), Posix.ENOENT),
                (path => opened.SetModified(path + "/x", 0), Posix.ENOENT),
                (path => opened.StatusOf(path + "/x"), Posix.ENOENT),
                (path => opened.Status(path + "/" + new string('x', 300)), Posix.ENAMETOOLONG),
            ])
        {
            IOException failure = Assert.ThrowsExactly<IOException>(() => call("d"));
            Assert.AreEqual(error, failure.HResult);
            StringAssert.StartsWith(failure.Message, temporary.Path + "/d");
        }
    }

    [TestMethod]
    public void Nothing_is_made_where_no_program_could_name_it()
    {
        using TemporaryDirectory temporary = new();
        using OpenedDirectory opened = OpenedDirectory.Open(temporary.Path);
        string path = new('ä', 100);
        for (; Encoding.UTF8.GetByteCount($"{temporary.Path}/{path}") < 4096; path += "/" + new string('ä', 100))
        {
            opened.MakeDirectory(path, Mode);
        }

        // Linux itself would make it: relative to the directory, its path is short enough.
        while (Encoding.UTF8.GetByteCount(path) >= 4096)
        {
            path = path[..^1];
        }

        IOException failure = Assert.ThrowsExactly<IOException>(() => opened.MakeDirectory(path, Mode));
        Assert.AreEqual(Posix.ENAMETOOLONG, failure.HResult);
    }
}
