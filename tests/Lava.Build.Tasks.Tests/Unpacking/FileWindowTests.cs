using Lava.Build.Unpacking;
using Microsoft.Win32.SafeHandles;

namespace Lava.Build.Tests.Unpacking;

[TestClass]
public sealed class FileWindowTests
{
    [TestMethod]
    public void What_is_read_anywhere_and_of_any_length_is_what_stands_there()
    {
        using TemporaryDirectory directory = new();
        Random random = new(1);
        byte[] content = new byte[300_000];
        random.NextBytes(content);
        string path = Path.Combine(directory.Path, "file");
        File.WriteAllBytes(path, content);
        using SafeFileHandle file = File.OpenHandle(path);
        FileWindow window = new(file);

        for (int i = 0; i < 2_000; i++)
        {
            int offset = random.Next(content.Length + 10);
            byte[] buffer = new byte[random.Next(1, i % 10 == 0 ? 200_000 : 100)];
            int count = window.Read(offset, buffer);

            Assert.AreEqual(offset >= content.Length, count == 0, $"at {offset}");
            CollectionAssert.AreEqual(content[Math.Min(offset, content.Length)..Math.Min(offset + count, content.Length)], buffer[..count], $"at {offset}");
        }
    }
}
