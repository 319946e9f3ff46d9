using CniCore.Spec;

namespace CniCore.Tests.Spec;

public sealed class AddressTextTests
{
    [Theory]
    [InlineData("010.4.0.0")]
    [InlineData("192.168.010.0")]
    [InlineData("00.0.0.0")]
    [InlineData("0x0a.1.1.1")]
    [InlineData("0xa010101")]
    [InlineData("10.1")]
    [InlineData("167772160")]
    [InlineData("::ffff:010.1.1.1")]
    [InlineData("00001::")]
    [InlineData("[::1]")]
    [InlineData("[::1]:80")]
    [InlineData("::1%1")]
    [InlineData("fe80::1%eth0")]
    [InlineData("")]
    public void A_Address_WithLeadingZerosOrHex_OrOtherwiseNoneOfGos_IsRefused(string text)
    {
        Assert.False(AddressText.TryParse(text, out _));
        Assert.False(CidrAddress.TryParse($"{text}/8", out _));
        Assert.False(AddressText.TryParseNetwork($"{text}/8", out _));
    }

    [Theory]
    [InlineData("0.0.0.0", "0.0.0.0")]
    [InlineData("10.100.0.255", "10.100.0.255")]
    [InlineData("fd00::AC:00", "fd00::ac:0")]
    [InlineData("0:0:0:0:0:0:0:0001", "::1")]
    [InlineData("::ffff:10.1.1.1", "::ffff:10.1.1.1")]
    [InlineData("64:ff9b::192.0.2.33", "64:ff9b::c000:221")]
    public void A_Address_AsGoReadsIt_IsTaken(string text, string address) => Assert.Equal(address, AddressText.Parse(text).ToString());

    [Fact]
    public void A_AddressWithLeadingZeros_TheRefusalSaysWhatItIs() =>
        Assert.Contains("without leading zeros", Assert.Throws<FormatException>(() => CidrAddress.Parse("192.168.010.0/24")).Message,
            StringComparison.Ordinal);
}
