using Lava.Build.Unpacking;

namespace Lava.Build.Tests.Unpacking;

[TestClass]
public sealed class Crc32Tests
{
    [TestMethod]
    public void The_check_value_of_the_polynomial_comes_out() => Assert.AreEqual(0xcbf43926u, Crc32.Append(0, "123456789"u8));

    [TestMethod]
    public void Every_length_gives_what_one_bit_after_the_other_gives_whole_and_in_pieces()
    {
        Random random = new(1);
        for (int length = 0; length < 700; length++)
        {
            byte[] bytes = new byte[length];
            random.NextBytes(bytes);
            uint expected = BitByBit(bytes);
            int cut = random.Next(length + 1);

            Assert.AreEqual(expected, Crc32.Append(0, bytes), $"of {length} bytes");
            Assert.AreEqual(expected, Crc32.Append(Crc32.Append(0, bytes.AsSpan(0, cut)), bytes.AsSpan(cut)), $"of {length} bytes, {cut} of them first");
            Assert.AreEqual(expected, Crc32.AppendByTable(0, bytes), $"of {length} bytes, by table");
        }
    }

    private static uint BitByBit(byte[] bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB88320);
            }
        }

        return ~crc;
    }
}
