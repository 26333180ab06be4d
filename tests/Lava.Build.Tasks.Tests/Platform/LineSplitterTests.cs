using Lava.Build.Platform;

namespace Lava.Build.Tests.Platform;

[TestClass]
public sealed class LineSplitterTests
{
    [TestMethod]
    [DataRow("one\ntwo\r\nthree\rfour", "one|two|three|four")]
    [DataRow("\n\r\n\r", "||")]
    [DataRow("", "")]
    [DataRow("end\n", "end")]
    public void Lines_are_those_that_a_reader_finds_however_the_text_comes(string text, string expected)
    {
        foreach (int size in (int[])[1, 2, 100])
        {
            List<string> lines = [];
            LineSplitter splitter = new(lines.Add);
            foreach (char[] part in text.Chunk(size))
            {
                splitter.Add(part);
            }

            splitter.End();
            Assert.AreEqual(expected, string.Join('|', lines), $"{size}");
        }
    }

    [TestMethod]
    public void A_line_without_end_is_broken()
    {
        List<int> lengths = [];
        LineSplitter splitter = new(line => lengths.Add(line.Length));
        for (int i = 0; i < 10; i++)
        {
            splitter.Add(new string('x', 20_000));
        }

        splitter.End();
        CollectionAssert.AreEqual(new[] { 65_536, 65_536, 65_536, 3_392 }, lengths);
    }
}
